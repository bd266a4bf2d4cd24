import tseslint from 'typescript-eslint';

export default tseslint.config(
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.page.json', './tsconfig.worker.json', './tsconfig.unit.json'],
        tsconfigRootDir: import.meta.dirname
      }
    },
    rules: {
      'max-lines': ['error', 600],
      'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }],
      // the names of the interface in C
      camelcase: 'off'
    }
  }
);
