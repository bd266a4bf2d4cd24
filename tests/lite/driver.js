// Lets a test drive kernels of the page as a front end does, and keeps what they say.
window.carmeTest = (() => {
  const sessions = new Map();
  const executions = [];
  const manager = () => window.jupyterapp.serviceManager;
  const until = async (what, action, milliseconds) => {
    const end = performance.now() + milliseconds;
    for (;;) {
      const value = await action();
      if (value !== undefined && value !== null && value !== false) {
        return value;
      }
      if (performance.now() > end) {
        throw new Error(`waited ${milliseconds} ms for ${what}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    async start(key, path, name) {
      await window.jupyterapp.restored;
      const session = await manager().sessions.startNew({
        path, name: path, type: 'notebook', kernel: { name }
      });
      const kept = { session, stray: [], statuses: [] };
      session.kernel.statusChanged.connect((_, status) => kept.statuses.push(status));
      session.kernel.anyMessage.connect((_, { msg, direction }) => {
        if (direction === 'recv') {
          kept.stray.push(msg);
        }
      });
      sessions.set(key, kept);
      await session.kernel.info;
      return session.kernel.id;
    },
    begin(key, content, metadata) {
      const kernel = sessions.get(key).session.kernel;
      const future = kernel.requestExecute({ allow_stdin: true, stop_on_error: true, ...content }, false, metadata);
      const made = { outputs: [], questions: [], reply: null, isDone: false, error: null, future };
      future.onIOPub = (msg) => {
        const { msg_type } = msg.header;
        if (msg_type !== 'status' && msg_type !== 'execute_input') {
          made.outputs.push({ type: msg_type, content: msg.content, buffers: msg.buffers?.length ?? 0 });
        }
      };
      future.onStdin = (msg) => made.questions.push(msg.content);
      future.done.then(
        (reply) => Object.assign(made, { reply: reply.content, isDone: true }),
        (error) => Object.assign(made, { error: String(error), isDone: true })
      );
      return executions.push(made) - 1;
    },
    async finish(number, milliseconds) {
      const made = executions[number];
      await until(`the end of cell ${number}: ${JSON.stringify(made.outputs)}`, () => made.isDone, milliseconds);
      const { outputs, reply, error } = made;
      return { outputs, reply, error };
    },
    question: (number, count, milliseconds) =>
      until(`question ${count}`, () => executions[number].questions[count - 1], milliseconds),
    said: (number, text, milliseconds) =>
      until(`output ${text}`, () => JSON.stringify(executions[number].outputs).includes(text), milliseconds),
    answer(number, value) {
      executions[number].future.sendInputReply({ value, status: 'ok' }, { msg_id: '' });
    },
    interrupt: (key) => sessions.get(key).session.kernel.interrupt(),
    restart: (key) => sessions.get(key).session.kernel.restart(),
    kernel: (key) => sessions.get(key).session.kernel,
    kept: (key) => sessions.get(key),
    manager
  };
})();
