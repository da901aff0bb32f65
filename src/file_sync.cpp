// fsync() and its relatives on three systems.
#include "core/file_sync.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <string>
#else
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace elman {

#ifdef _WIN32

bool sync_path(const char* path) {
  const int n = MultiByteToWideChar(CP_UTF8, 0, path, -1, nullptr, 0);
  if (n <= 0) return false;
  std::wstring wide(static_cast<size_t>(n), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path, -1, &wide[0], n);
  const DWORD kind = GetFileAttributesW(wide.c_str());
  if (kind == INVALID_FILE_ATTRIBUTES) return false;
  // Folders have nothing to flush: the rename is journaled.
  if (kind & FILE_ATTRIBUTE_DIRECTORY) return true;
  HANDLE file = CreateFileW(wide.c_str(), GENERIC_WRITE,
                            FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                            OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return false;
  const bool done = FlushFileBuffers(file) != 0;
  CloseHandle(file);
  return done;
}

#else

bool sync_path(const char* path) {
  const int file = open(path, O_RDONLY);
  if (file < 0) return false;
#ifdef F_FULLFSYNC
  // fsync() on macOS leaves the bytes in the drive's cache.
  int result = fcntl(file, F_FULLFSYNC);
  if (result != 0) result = fsync(file);
#else
  const int result = fsync(file);
#endif
  const bool done =
      result == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS;
  close(file);
  return done;
}

#endif

}  // namespace elman
