// fsync() and write() and their relatives on three systems.
#include "core/file_output.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#endif

namespace elman {

namespace {

// Bytes that are written at a time.
constexpr size_t kPiece = size_t{1} << 20;

}  // namespace

#ifdef _WIN32

namespace {

std::wstring wide_path(const char* path) {
  const int n = MultiByteToWideChar(CP_UTF8, 0, path, -1, nullptr, 0);
  if (n <= 0) return std::wstring();
  std::wstring wide(static_cast<size_t>(n), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path, -1, &wide[0], n);
  return wide;
}

// A file that is open for writing as long as it lives.
class WrittenFile {
 public:
  WrittenFile(const char* path, bool append)
      : file_(CreateFileW(wide_path(path).c_str(),
                          append ? FILE_APPEND_DATA : GENERIC_WRITE,
                          FILE_SHARE_READ, nullptr,
                          append ? OPEN_ALWAYS : CREATE_ALWAYS,
                          FILE_ATTRIBUTE_NORMAL, nullptr)) {}
  ~WrittenFile() {
    if (file_ != INVALID_HANDLE_VALUE) CloseHandle(file_);
  }
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;

  std::string write(const unsigned char* bytes, size_t n) {
    if (file_ == INVALID_HANDLE_VALUE) return "it could not be opened";
    while (n > 0) {
      const DWORD piece = static_cast<DWORD>(std::min(n, kPiece));
      DWORD done = 0;
      if (!WriteFile(file_, bytes, piece, &done, nullptr) || done == 0) {
        return "there is no room for it on the disk";
      }
      bytes += done;
      n -= done;
    }
    return std::string();
  }

 private:
  HANDLE file_;
};

}  // namespace

bool sync_path(const char* path) {
  const std::wstring wide = wide_path(path);
  if (wide.empty()) return false;
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

namespace {

// A file that is open for writing as long as it lives. The signal of a limit on
// files' sizes would end the process: it is ignored for as long.
class WrittenFile {
 public:
  WrittenFile(const char* path, bool append) {
    struct sigaction ignore;
    std::memset(&ignore, 0, sizeof(ignore));
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &ignore, &before_);
    const int mode = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
    do {
      file_ = open(path, mode, 0666);
    } while (file_ < 0 && errno == EINTR);
    if (file_ < 0) wrong_ = std::strerror(errno);
  }
  ~WrittenFile() {
    if (file_ >= 0) close(file_);
    sigaction(SIGXFSZ, &before_, nullptr);
  }
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;

  std::string write(const unsigned char* bytes, size_t n) {
    while (n > 0 && wrong_.empty()) {
      const ssize_t done = ::write(file_, bytes, std::min(n, kPiece));
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        wrong_ = done < 0 ? std::strerror(errno) : "no byte could be written";
        break;
      }
      bytes += done;
      n -= static_cast<size_t>(done);
    }
    return wrong_;
  }

 private:
  int file_ = -1;
  std::string wrong_;
  struct sigaction before_;
};

}  // namespace

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

std::string write_path(const char* path, const unsigned char* bytes, size_t n,
                       bool append) {
  WrittenFile file(path, append);
  return file.write(bytes, n);
}

}  // namespace elman
