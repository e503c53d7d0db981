#ifndef STANDARD_STREAMS_H
#define STANDARD_STREAMS_H

// A program that links this has descriptors 0 to 2 open before anything else of it runs, or ends with 74 (EX_IOERR).
//
// Who starts it with one of them closed (`<&-`) would have the first file or pipe that a library opens in its place, and
// answers would be read from it, or lost in it. What was closed is open on /dev/null in the wrong direction instead, so
// that whoever uses it is told so (EBADF), and nobody else is disturbed. There is nothing to call.

#endif
