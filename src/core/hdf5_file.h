// Reads the structure of an HDF5 file as Keras writes it: groups, arrays of
// numbers in one piece, and text attributes. Nothing is allocated that is larger
// than the file, no part is looked at twice, and what Keras does not write is an
// error: links, other files, chunks, filters, other types.
#ifndef ELMAN_CORE_HDF5_FILE_H_
#define ELMAN_CORE_HDF5_FILE_H_

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/hdf5_bytes.h"
#include "core/hdf5_messages.h"

namespace elman {
namespace hdf5 {

struct Array {
  std::string path;
  std::vector<uint64_t> shape;
  Type type;
  uint64_t at;     // first byte in the file
  uint64_t count;  // numbers
};

// An attribute of texts, of the group or array at `path`.
struct Text {
  std::string path, name;
  std::vector<std::string> values;
};

class File {
 public:
  File(const unsigned char* data, uint64_t size) : file_(data, size) {
    read_superblock();
  }

  std::vector<std::string> groups;
  std::vector<Array> arrays;
  std::vector<Text> texts;

 private:
  static constexpr int kMaxDepth = 64;
  static constexpr int kMaxLevel = 8;  // of the tree over a group's entries
  static constexpr uint64_t kMaxParts = 100000;
  static constexpr uint64_t kMaxName = 10000;
  static constexpr uint64_t kMaxNames = 8 << 20;  // bytes of all paths
  static constexpr uint64_t kMaxWork = 5000000;

  struct Message {
    uint64_t type, flags, at, size;  // `at` in the file
  };

  void read_superblock() {
    if (!file_.starts_with("\x89HDF\r\n\x1a\n")) {
      throw FileError("it is not an HDF5 file");
    }
    const uint64_t version = file_.u8(8);
    if (version > 1) {
      throw FileError("its kind of HDF5 file is not the one that Keras writes");
    }
    if (file_.u8(13) != 8 || file_.u8(14) != 8) {
      throw FileError("its kind of HDF5 file is unknown");
    }
    const uint64_t base = version == 0 ? 24 : 28;
    if (file_.u64(base) != 0) throw FileError("it does not begin at its start");
    if (file_.u64(base + 16) > file_.size()) throw FileError("it is cut off");
    left_ = texts_left_ = file_.size();
    read_entry(file_.part(base + 32, 40), "", 0);
  }

  // A part that is met twice makes a circle or a knot.
  void note(uint64_t address, const std::string& path) {
    if (!seen_.insert(address).second) {
      throw FileError("\"" + path + "\" is found in it twice");
    }
    if (seen_.size() > kMaxParts) throw FileError("it holds too many parts");
  }

  // Parts may overlap, so that a small file could make much work.
  void count_work() {
    if (++work_ > kMaxWork) throw FileError("it is too entangled");
  }

  // An entry of a symbol table, of which `path` is the name.
  void read_entry(Bytes entry, const std::string& path, int depth) {
    if (entry.u32(16) == 2) {
      throw FileError("\"" + path +
                      "\" is a soft link, not a part of the file");
    }
    read_object(entry.u64(8), path, depth);
  }

  void read_object(uint64_t address, const std::string& path, int depth) {
    if (depth > kMaxDepth) throw FileError("its groups are too deep");
    note(address, path);
    if (path.size() > names_left_) throw FileError("its names are too long");
    names_left_ -= path.size();
    if (!paths_.insert(path).second) {
      throw FileError("it has two parts of the name \"" + path + "\"");
    }
    const std::vector<Message> messages = read_header(address);
    bool array = false, group = false;
    for (const Message& message : messages) {
      array = array || message.type == 1 || message.type == 8;
      group = group || message.type == 2 || message.type == 17;
    }
    if (array == group) {
      throw FileError("\"" + path + "\" is neither a group nor an array");
    }
    if (array) {
      read_array(messages, path);
    } else {
      groups.push_back(path);
      read_group(messages, path, depth);
    }
    for (const Message& message : messages) {
      if (message.type == 12) read_attribute(message, path);
      if (message.type == 21) refuse_dense(message, path);
    }
  }

  Bytes body(const Message& message) const {
    return file_.part(message.at, message.size);
  }

  // ---- headers ---------------------------------------------------------------

  std::vector<Message> read_header(uint64_t address) {
    if (file_.from(address).starts_with("OHDR")) {
      throw FileError("its kind of HDF5 file is not the one that Keras writes");
    }
    if (file_.u8(address) != 1) throw FileError("it is damaged");
    std::vector<Message> messages;
    std::vector<Message> blocks = {
        {0, 0, address + 16, file_.u32(address + 8)}};
    for (size_t k = 0; k < blocks.size(); ++k) {
      if (blocks.size() > 1000) throw FileError("it is damaged");
      if (k > 0) note(blocks[k].at, "a header");
      read_block(blocks[k], &messages, &blocks);
    }
    return messages;
  }

  void read_block(Message block, std::vector<Message>* messages,
                  std::vector<Message>* blocks) {
    file_.part(block.at, block.size);
    uint64_t at = block.at;
    const uint64_t end = block.at + block.size;
    while (end - at >= 8) {
      count_work();
      Message message = {file_.u16(at), file_.u8(at + 4), at + 8,
                         file_.u16(at + 2)};
      if (message.size > end - at - 8) throw FileError("it is damaged");
      at += 8 + message.size;
      if (message.type == 16) {
        const Bytes next = body(message);
        blocks->push_back({0, 0, next.u64(0), next.u64(8)});
      } else if (message.type != 0) {
        if (message.flags & 2) {
          throw FileError("it shares types, which Keras does not do");
        }
        messages->push_back(message);
      }
      if (messages->size() > kMaxParts) throw FileError("it is damaged");
    }
  }

  // ---- groups ----------------------------------------------------------------

  void read_group(const std::vector<Message>& messages,
                  const std::string& path, int depth) {
    for (const Message& message : messages) {
      const Bytes bytes = body(message);
      if (message.type == 6) {
        read_link(bytes, path, depth);
      } else if (message.type == 2) {
        refuse_dense_links(bytes, path);
      } else if (message.type == 17) {
        const uint64_t heap = bytes.u64(8);
        const Bytes head = file_.part(heap, 32);
        if (!head.starts_with("HEAP")) throw FileError("it is damaged");
        const Bytes names = file_.part(head.u64(24), head.u64(8));
        read_tree(bytes.u64(0), names, path, depth, -1);
      }
    }
  }

  // A node of the tree over a group's entries. Its level is one below that of
  // the node above.
  void read_tree(uint64_t address, Bytes names, const std::string& path,
                 int depth, int level) {
    note(address, path);
    const Bytes node = file_.from(address);
    if (!node.starts_with("TREE") || node.u8(4) != 0) {
      throw FileError("it is damaged");
    }
    const int own = static_cast<int>(node.u8(5));
    if (own > kMaxLevel || (level >= 0 && own != level)) {
      throw FileError("it is damaged");
    }
    const uint64_t count = node.u16(6);
    for (uint64_t k = 0; k < count; ++k) {
      const uint64_t child = node.u64(32 + 16 * k);
      if (own > 0) {
        read_tree(child, names, path, depth, own - 1);
      } else {
        read_entries(child, names, path, depth);
      }
    }
  }

  void read_entries(uint64_t address, Bytes names, const std::string& path,
                    int depth) {
    note(address, path);
    const Bytes node = file_.from(address);
    if (!node.starts_with("SNOD")) throw FileError("it is damaged");
    const uint64_t count = node.u16(6);
    for (uint64_t k = 0; k < count; ++k) {
      const Bytes entry = node.part(8 + 40 * k, 40);
      read_entry(entry, below(path, names.text(entry.u64(0), kMaxName)), depth + 1);
    }
  }

  static std::string below(const std::string& path, const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos || name == "." ||
        name == ".." || path.size() + name.size() > kMaxName) {
      throw FileError("a name in it is out of range");
    }
    return path.empty() ? name : path + "/" + name;
  }

  // Links in a group's own header.
  void read_link(Bytes message, const std::string& path, int depth) {
    const uint64_t flags = message.u8(1);
    uint64_t at = 2;
    const uint64_t kind = flags & 8 ? message.u8(at++) : 0;
    if (flags & 4) at += 8;
    if (flags & 16) at += 1;
    const int width = 1 << (flags & 3);
    const uint64_t size = message.number(at, width);
    at += static_cast<uint64_t>(width);
    const std::string name = below(path, message.part(at, size).text());
    if (kind != 0) {
      throw FileError("\"" + name + "\" is " +
                      (kind == 1    ? "a soft"
                       : kind == 64 ? "an external"
                                    : "an unknown") +
                      " link, not a part of the file");
    }
    read_object(message.u64(at + size), name, depth + 1);
  }

  static void refuse_dense_links(Bytes message, const std::string& path) {
    const uint64_t at = message.u8(1) & 1 ? 10 : 2;
    if (message.u64(at) != kUndefined) {
      throw FileError("the group \"" + path +
                      "\" is stored in a way that Keras does not use");
    }
  }

  void refuse_dense(const Message& message, const std::string& path) const {
    const Bytes bytes = body(message);
    if (bytes.u64(bytes.u8(1) & 1 ? 4 : 2) != kUndefined) {
      throw FileError("the attributes of \"" + path +
                      "\" are stored in a way that Keras does not use");
    }
  }

  // ---- arrays ----------------------------------------------------------------

  void read_array(const std::vector<Message>& messages,
                  const std::string& path) {
    const std::string name = "\"" + path + "\"";
    const Message *type = nullptr, *space = nullptr, *layout = nullptr;
    for (const Message& message : messages) {
      if (message.type == 1) space = &message;
      if (message.type == 3) type = &message;
      if (message.type == 8) layout = &message;
      if (message.type == 7) {
        throw FileError("the numbers of " + name + " lie in another file");
      }
    }
    if (!type || !space || !layout) throw FileError(name + " is not complete");
    const Layout place = read_layout(body(*layout), name);
    for (const Message& message : messages) {
      if (message.type == 11) {
        throw FileError(name + " is filtered, which Keras does not do");
      }
    }
    Array array;
    array.path = path;
    array.type = read_type(body(*type));
    if (array.type.kind != Type::kFloat && array.type.kind != Type::kInteger) {
      throw FileError(name + " does not hold numbers");
    }
    const Space shape = read_space(body(*space));
    if (shape.empty) throw FileError(name + " holds nothing");
    array.shape = shape.shape;
    array.count = count_elements(shape, left_ / array.type.size, name);
    const uint64_t size = array.count * array.type.size;
    if (size > left_ || (size > 0 && place.size != size) ||
        (size > 0 && place.at == kUndefined)) {
      throw FileError(name + " says that it has " + std::to_string(size) +
                      " bytes, but they are not there");
    }
    left_ -= size;
    array.at = place.compact ? layout->at + place.at : place.at;
    if (size == 0) array.at = 0;
    if (place.compact) {
      body(*layout).part(place.at, size);
    } else {
      file_.part(array.at, size);
    }
    arrays.push_back(array);
  }

  // ---- attributes ------------------------------------------------------------

  void read_attribute(const Message& message, const std::string& path) {
    const Bytes bytes = body(message);
    const uint64_t version = bytes.u8(0);
    if (version < 1 || version > 3 || (version > 1 && bytes.u8(1) != 0)) {
      throw FileError("an attribute in it is of an unknown kind");
    }
    const uint64_t sizes[] = {bytes.u16(2), bytes.u16(4), bytes.u16(6)};
    uint64_t at = version == 3 ? 9 : 8;
    Bytes parts[3] = {bytes, bytes, bytes};
    for (int k = 0; k < 3; ++k) {
      parts[k] = bytes.part(at, sizes[k]);
      at += version == 1 ? (sizes[k] + 7) / 8 * 8 : sizes[k];
    }
    const Type type = read_type(parts[1]);
    Text text;
    text.path = path;
    text.name = parts[0].text();
    const std::string name = "\"" + text.name + "\"";
    const uint64_t count =
        type.size == 0 ? 0
                       : count_elements(read_space(parts[2]),
                                        file_.size() / type.size, name);
    // Python writes an empty list of texts as an empty vector of numbers.
    const bool is_text =
        type.kind == Type::kText || type.kind == Type::kTextReference;
    if (!is_text && count > 0) return;
    const Bytes data = bytes.part(at, count * type.size);
    for (uint64_t k = 0; k < count; ++k) {
      const Bytes one = data.part(k * type.size, type.size);
      const Bytes found =
          type.kind == Type::kText
              ? one
              : heap_object(one.u32(0), one.u64(4), one.u32(12));
      const uint64_t cost = found.size() + (type.kind == Type::kText ? 0 : 16);
      if (cost > texts_left_) {
        throw FileError(name + " is larger than the file");
      }
      texts_left_ -= cost;
      count_work();
      text.values.push_back(found.text());
    }
    texts.push_back(text);
  }

  // The first `size` bytes of an object in a global heap.
  Bytes heap_object(uint64_t size, uint64_t address, uint64_t index) {
    if (size == 0) return file_.part(0, 0);
    const Bytes head = file_.part(address, 16);
    if (!head.starts_with("GCOL")) throw FileError("it is damaged");
    const Bytes heap = file_.part(address, head.u64(8));
    uint64_t at = 16;
    while (heap.size() - at >= 16) {
      count_work();
      const uint64_t own = heap.u16(at), bytes = heap.u64(at + 8);
      if (own == 0) break;
      const Bytes object = heap.part(at + 16, bytes);
      if (own == index) return object.part(0, size);
      const uint64_t next = at + 16 + (bytes + 7) / 8 * 8;
      if (next > heap.size()) break;
      at = next;
    }
    throw FileError("it is damaged");
  }

  Bytes file_;
  uint64_t left_ = 0, texts_left_ = 0, names_left_ = kMaxNames, work_ = 0;
  std::unordered_set<uint64_t> seen_;
  std::unordered_set<std::string> paths_;
};

}  // namespace hdf5
}  // namespace elman

#endif  // ELMAN_CORE_HDF5_FILE_H_
