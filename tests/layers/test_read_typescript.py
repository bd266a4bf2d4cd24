"""The checker finds what is planted in TypeScript, with its names and its line, and no more."""

import pytest


def test_an_import_of_typescript_against_the_order(tree):
    tree.add("src/page/a.ts", "export const A = 1;\n")
    tree.add("src/common/b.ts", "// first\nimport {\n  A\n} from '../page/a';\n")
    tree.finds("src/common/b.ts:4: common/b imports page/a: against the order of layers")


@pytest.mark.parametrize(
    "text",
    [
        "import { B } from './b';\n",
        "import './b';\n",
        "export * from './b';\n",
        "export { B } from './b';\n",
        "import type { C } from 'c'; export { B } from './b';\n",
        "import { type C, B } from './b';\n",
        "const b = await import('./b');\n",
        "import * as b from './b.js';\n",
    ],
)
def test_a_circle_of_typescript(tree, text):
    tree.add("src/page/a.ts", text)
    tree.add("src/page/b.ts", "\nimport { A } from './a';\n")
    tree.finds(
        "circle of 2: page/a page/b",
        "src/page/a.ts:1: page/a imports page/b",
        "src/page/b.ts:2: page/b imports page/a",
    )


@pytest.mark.parametrize(
    "text",
    [
        "import type { B } from './b';\n",
        "import { type B, type C } from './b';\n",
        "export type { B } from './b';\n",
        "// import { B } from './b';\n",
        "new Worker(new URL('./b', import.meta.url));\n",
        "import { b } from 'b';\n",
    ],
)
def test_what_is_no_import_of_typescript(tree, text):
    tree.add("src/page/a.ts", text)
    tree.add("src/page/b.ts", "import { A } from './a';\n")
    tree.is_clean()
