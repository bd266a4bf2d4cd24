/** Files that the builders take in. */

declare module '*.py' {
  const text: string;
  export default text;
}
declare module '*.svg' {
  const text: string;
  export default text;
}
/** What `make wasm` says of the module. */
declare module '*/abi.json' {
  const made: { pyodide_abi: string; python: string };
  export default made;
}
