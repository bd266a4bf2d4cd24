/*
 * What Python writes to its standard streams: functions of the module _carme. With the GIL.
 */
#pragma once

#include "interp/python/api.h"

struct request;

/* The request that the running context belongs to, borrowed; NULL: the one that its shell answers.
 */
struct request *streams_request(void);

/* write_stdout(text), write_stderr(text): the number of characters. */
PyObject *streams_write_stdout(PyObject *module, PyObject *text);
PyObject *streams_write_stderr(PyObject *module, PyObject *text);

/* flush(fd): sends this thread's line that is not finished yet. */
PyObject *streams_flush(PyObject *module, PyObject *args);

/* buffer_lines(on): whether the lines of this thread are sent whole. */
PyObject *streams_buffer_lines(PyObject *module, PyObject *on);

/* write_to_running_cell(on): whether what such threads write belongs to the cell that runs by then.
 */
PyObject *streams_write_to_running_cell(PyObject *module, PyObject *on);
