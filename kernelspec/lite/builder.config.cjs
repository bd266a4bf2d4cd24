/** What the labextension's builder is told besides its own rules: these files are served as they are. */
module.exports = {
  module: {
    rules: [
      {
        test: /carme-worker\.js$|\.so$/,
        type: 'asset/resource',
        generator: { filename: '[name].[contenthash][ext]' }
      }
    ]
  }
};
