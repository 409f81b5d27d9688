// Rules of our own: every word that an operator reads comes from a catalogue (src/i18n), so that no page speaks one language only.

const wordAttributes =
  /^(title|alt|label|placeholder|hint|detail|description|lead|action|note|what|keys|aria-(label|valuetext|description|roledescription|placeholder))$/;
const letters = /\p{L}{2}/u;
/** Names that no language has another word for: formats, protocols, units. */
const names = /^(MP4|MKV \(Matroska\)|Matroska \(MKV\)|TCP|UDP|UTC|SHA-256|API|(rtsps?|push):.*|VMS)$/;
/** How a sentence begins; class names, addresses and codes do not. */
const sentence = /^\p{Lu}[\p{L}'’]*,?( \p{L}[\p{L}'’]*)+/u;

const isWord = (text) => letters.test(text) && !names.test(text.trim());

/** The literals that a value can be: through conditions and what is put together. */
function* literalsOf(node) {
  if (!node) return;
  switch (node.type) {
    case "Literal":
      if (typeof node.value === "string") yield [node, node.value];
      break;
    case "TemplateLiteral":
      for (const quasi of node.quasis) yield [quasi, quasi.value.cooked];
      break;
    case "ConditionalExpression":
      yield* literalsOf(node.consequent);
      yield* literalsOf(node.alternate);
      break;
    case "LogicalExpression":
      yield* literalsOf(node.right);
      if (node.operator !== "&&") yield* literalsOf(node.left);
      break;
    case "BinaryExpression":
      if (node.operator === "+") {
        yield* literalsOf(node.left);
        yield* literalsOf(node.right);
      }
      break;
    case "JSXExpressionContainer":
    case "TSAsExpression":
      yield* literalsOf(node.expression);
  }
}

const literal = {
  meta: { type: "problem", schema: [], messages: { literal: "Put “{{text}}” into the feature's words.ts." } },
  create(context) {
    const report = (node, text) => context.report({ node, messageId: "literal", data: { text: text.trim() } });
    const check = (value) => {
      for (const [node, text] of literalsOf(value)) if (isWord(text)) report(node, text);
    };
    return {
      JSXText: (node) => isWord(node.value) && report(node, node.value),
      JSXAttribute: (node) => wordAttributes.test(String(node.name.name)) && node.value && check(node.value),
      "JSXElement > JSXExpressionContainer, JSXFragment > JSXExpressionContainer": check,
      Literal: (node) =>
        typeof node.value === "string" &&
        sentence.test(node.value) &&
        node.parent.type !== "JSXAttribute" &&
        !names.test(node.value) &&
        report(node, node.value),
    };
  },
};

const kept = {
  meta: {
    type: "problem",
    schema: [],
    messages: { kept: "Read words where they are shown: what is read as a module loads stays in one language." },
  },
  create: (context) => ({
    MemberExpression(node) {
      if (node.object.type !== "Identifier" || !/^(words|pageWords)$/.test(node.object.name)) return;
      const inFunction = context.sourceCode.getAncestors(node).some((a) => /Function/.test(a.type));
      if (!inFunction) context.report({ node, messageId: "kept" });
    },
  }),
};

export default { rules: { literal, kept } };
