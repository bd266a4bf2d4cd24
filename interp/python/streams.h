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

/* by_line(on): whether the lines of this thread leave whole. */
PyObject *streams_by_line(PyObject *module, PyObject *on);

/* follow_latest(on): whether what such threads write belongs to the cell that runs by then. */
PyObject *streams_follow_latest(PyObject *module, PyObject *on);
