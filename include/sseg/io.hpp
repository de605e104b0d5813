#pragma once
// Files without any outside library. Dear to compile and included by name: io/pickle.hpp, io/mapped_file.hpp. The doors
// to optional libraries are included by name:
//   io/json.hpp, io/safetensors.hpp (nlohmann/json) · io/png.hpp (libpng) · io/jpeg.hpp (libjpeg) · io/zip.hpp (libzip)
//   io/archive.hpp (libarchive) · io/decode_picture.hpp (libpng and libjpeg)
#include "sseg/io/archive_path.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/csv_table.hpp"
#include "sseg/io/filled_lines.hpp"
#include "sseg/io/named_bytes.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/pnm.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/safetensor.hpp"
#include "sseg/io/with_channels.hpp"
#include "sseg/io/word_sum.hpp"
