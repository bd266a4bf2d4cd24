/** What a kernel that could not start says to a cell: the reason, instead of nothing for ever. */

import { KernelMessage } from '@jupyterlab/services';

/** The messages that end an execute_request with this reason. */
export function refusal(request: KernelMessage.IMessage, reason: string): KernelMessage.IMessage[] {
  const common = { session: request.header.session, parentHeader: request.header };
  const error = { ename: 'KernelNotStarted', evalue: reason, traceback: [reason] };
  const { createMessage } = KernelMessage;
  const parent = common as {
    session: string;
    parentHeader: KernelMessage.IExecuteRequestMsg['header'];
  };
  return [
    createMessage<KernelMessage.IErrorMsg>({
      ...parent,
      channel: 'iopub',
      msgType: 'error',
      content: error
    }),
    createMessage<KernelMessage.IExecuteReplyMsg>({
      ...parent,
      channel: 'shell',
      msgType: 'execute_reply',
      content: { status: 'error', execution_count: 0, ...error }
    }),
    createMessage<KernelMessage.IStatusMsg>({
      ...parent,
      channel: 'iopub',
      msgType: 'status',
      content: { execution_state: 'idle' }
    })
  ];
}
