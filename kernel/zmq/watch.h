/* What sockets_watch() of sockets.h is told about a descriptor. */
#pragma once

enum { WATCHES_MAX = 256 };

enum watch { WATCH_ON, WATCH_WHEN_ROOM, WATCH_OFF };
