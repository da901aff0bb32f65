// Bytes on the disk: a written file survives a power failure only once the
// system has been asked to flush it, and a renamed one once its folder has.
#ifndef ELMAN_CORE_FILE_SYNC_H_
#define ELMAN_CORE_FILE_SYNC_H_

namespace elman {

// Flushes the file or folder `path` (UTF-8 on Windows, the system's own
// encoding elsewhere). True where it is on the disk, or where the file system
// knows no flushing.
bool sync_path(const char* path);

}  // namespace elman

#endif  // ELMAN_CORE_FILE_SYNC_H_
