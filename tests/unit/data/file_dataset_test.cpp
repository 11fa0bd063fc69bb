// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <set>

#include <doctest/doctest.h>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>

#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;

namespace {

// A folder with images/NAME.png and masks/NAME.png of labels 0 to 2.
void write_folder(const TemporaryFolder& folder, int count) {
  std::filesystem::create_directories(folder / "images");
  std::filesystem::create_directories(folder / "masks");
  for (int i = 0; i < count; ++i) {
    const auto name = "p" + std::to_string(i) + ".png";
    save_image(folder / ("images/" + name), noise_image(6, 8, static_cast<std::uint64_t>(i)));
    save_labels(folder / ("masks/" + name), noise_labels(6, 8, 3, static_cast<std::uint64_t>(i)));
  }
}

dsl::DataSpec folder_spec(const TemporaryFolder& folder) {
  dsl::DataSpec spec;
  spec.kind = "folder";
  spec.root = folder.path();
  spec.classes = {"a", "b", "c"};
  spec.train.images = "images";
  spec.train.masks = "masks";
  return spec;
}

std::vector<std::string> names_of(const Dataset& data, Split split) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < data.size(split); ++i) names.push_back(data.sample_name(split, i));
  return names;
}

}  // namespace

TEST_CASE("a folder of images and masks is split by a seeded permutation") {
  const TemporaryFolder folder;
  write_folder(folder, 20);
  auto spec = folder_spec(folder);
  const auto data = open_dataset(spec);
  CHECK(data->size(Split::train) == 17);
  CHECK(data->size(Split::val) == 3);
  CHECK(data->size(Split::test) == 0);
  auto all = names_of(*data, Split::train);
  const auto val = names_of(*data, Split::val);
  CHECK(names_of(*open_dataset(spec), Split::val) == val);
  spec.seed = 5;
  CHECK(names_of(*open_dataset(spec), Split::val) != val);
  all.insert(all.end(), val.begin(), val.end());
  CHECK(std::set<std::string>(all.begin(), all.end()).size() == 20);
  const auto sample = data->load(Split::train, 0);
  const auto number = static_cast<std::uint64_t>(std::atoi(data->sample_name(Split::train, 0).c_str() + 1));
  CHECK(sample.labels.labels == noise_labels(6, 8, 3, number).labels);
  CHECK(sample.image.pixels == noise_image(6, 8, number).pixels);
}

TEST_CASE("list files name images and masks") {
  const TemporaryFolder folder;
  write_folder(folder, 4);
  folder.put("train.txt", "# comment\nimages/p0.png masks/p0.png\r\n\nimages/p1.png   masks/p1.png\n");
  folder.put("val.txt", "images/p2.png\tmasks/p2.png\n");
  auto spec = folder_spec(folder);
  spec.train = {.images = {}, .masks = {}, .list = "train.txt", .span = {}};
  spec.val = {.images = {}, .masks = {}, .list = "val.txt", .span = {}};
  const auto data = open_dataset(spec);
  CHECK(names_of(*data, Split::train) == std::vector<std::string>{"p0", "p1"});
  CHECK(names_of(*data, Split::val) == std::vector<std::string>{"p2"});
  CHECK(data->load(Split::val, 0).labels.labels == noise_labels(6, 8, 3, 2).labels);
  folder.put("train.txt", "images/p0.png\n");
  CHECK(says(message_of([&] { open_dataset(spec); }), "line 'images/p0.png' is not understood"));
  folder.put("train.txt", "\n");
  CHECK(says(message_of([&] { open_dataset(spec); }), "list names no images"));
  std::filesystem::remove(folder / "train.txt");
  CHECK(message_of([&] { open_dataset(spec); }) == folder / "train.txt" + ": no such file");
}

TEST_CASE("masks of colours are read through the colour map") {
  const TemporaryFolder folder;
  write_folder(folder, 1);
  auto spec = folder_spec(folder);
  spec.val_share = 0;
  spec.colors = {{0, 0, 0}, {200, 0, 0}, {0, 0, 200}};
  const auto labels = noise_labels(6, 8, 3, 8);
  save_image(folder / "masks/p0.png", colorize(labels, Palette{{0, 0, 0}, {200, 0, 0}, {0, 0, 200}}));
  const auto data = open_dataset(spec);
  CHECK(data->load(Split::train, 0).labels.labels == labels.labels);
  CHECK(data->palette()[1] == Color{200, 0, 0});
  spec.colors.clear();
  CHECK(says(message_of([&] { open_dataset(spec)->load(Split::train, 0); }), "mask holds RGB colours"));
}

TEST_CASE("ignored values and other label values become classes, and the rest is an error") {
  const TemporaryFolder folder;
  write_folder(folder, 1);
  auto spec = folder_spec(folder);
  spec.val_share = 0;
  auto labels = make_labels(6, 8, 1);
  labels.labels[8 * 2 + 5] = 9;
  save_labels(folder / "masks/p0.png", labels);
  const auto mask = folder / "masks/p0.png";
  CHECK(message_of([&] { open_dataset(spec)->load(Split::train, 0); }) ==
        mask + ": pixel (5, 2) has label value 9, which is neither one of the 3 classes nor ignored");
  spec.ignore = {9};
  auto seen = open_dataset(spec)->load(Split::train, 0).labels;
  CHECK(seen.at(2, 5) == kIgnore);
  CHECK(seen.at(0, 0) == 1);
  spec.label_values = {1, 4, 9};
  CHECK(says(message_of([&] { open_dataset(spec); }), "label value 9, which is class 'c' already"));
  spec.ignore.clear();
  seen = open_dataset(spec)->load(Split::train, 0).labels;
  CHECK(seen.at(2, 5) == 2);
  CHECK(seen.at(0, 0) == 0);
  spec.label_values = {1, 4};
  CHECK(says(message_of([&] { open_dataset(spec); }), "2 label values, expected one for each of its 3 classes"));
  spec.label_values = {1, 4, 256};
  CHECK(says(message_of([&] { open_dataset(spec); }), "label value 256, expected 0 to 255"));
}

TEST_CASE("a mask of another size than its image names both") {
  const TemporaryFolder folder;
  write_folder(folder, 1);
  auto spec = folder_spec(folder);
  spec.val_share = 0;
  save_labels(folder / "masks/p0.png", make_labels(6, 9));
  CHECK(message_of([&] { open_dataset(spec)->load(Split::train, 0); }) ==
        folder / "masks/p0.png" + ": mask is 9x6, but its image '" + folder / "images/p0.png" + "' is 8x6");
}

TEST_CASE("mistakes of a folder description are all reported") {
  const TemporaryFolder folder;
  write_folder(folder, 2);
  dsl::DataSpec spec;
  spec.kind = "folder";
  spec.root = folder.path();
  spec.val_share = 1;
  const auto message = message_of([&] { open_dataset(spec); });
  CHECK(says(message, "E0402"));
  CHECK(says(message, "names no classes"));
  CHECK(says(message, "val_share"));
  spec = folder_spec(folder);
  spec.train.masks.clear();
  CHECK(says(message_of([&] { open_dataset(spec); }), "split 'train' is described in part"));
  spec = folder_spec(folder);
  spec.train.masks = "nothing";
  CHECK(message_of([&] { open_dataset(spec); }) == folder / "nothing" + ": no such folder");
  std::filesystem::remove(folder / "masks/p1.png");
  CHECK(says(message_of([&] { open_dataset(folder_spec(folder)); }), "image has no mask named 'p1'"));
  spec = folder_spec(folder);
  spec.kind = "camvit";
  const auto unknown = message_of([&] { open_dataset(spec); });
  CHECK(says(unknown, "E0401"));
  CHECK(says(unknown, "did you mean 'camvid'?"));
}

TEST_CASE("the pets' splits in the order of TensorFlow Datasets") {
  const TemporaryFolder folder;
  // As many names as the real lists have; nothing is read but the lists.
  std::string trainval, test;
  for (int i = 0; i < 3680; ++i) trainval += "Breed_" + std::to_string(i) + " 1 1 1\n";
  for (int i = 0; i < 3669; ++i) test += "Other_" + std::to_string(i) + " 1 1 1\n";
  folder.put("annotations/trainval.txt", trainval);
  folder.put("annotations/test.txt", test);
  dsl::DataSpec spec;
  spec.kind = "pets";
  spec.root = folder.path();
  const auto listed = open_dataset(spec);
  CHECK(listed->size(Split::train) == 3128);
  CHECK(listed->size(Split::val) == 552);
  CHECK(listed->sample_name(Split::test, 0) == "Other_0");
  spec.order = dsl::SampleOrder::tfds;
  const auto data = open_dataset(spec);
  CHECK(data->size(Split::train) == 3128);
  CHECK(data->size(Split::val) == 552);
  CHECK(data->size(Split::test) == 3669);
  CHECK(data->classes() == std::vector<std::string>{"pet", "background", "border"});
  // By Python: sorted(names, key=lambda n: hashlib.md5(("train" + n + ".jpg").encode()).hexdigest()).
  CHECK(data->sample_name(Split::train, 0) == "Breed_2706");
  CHECK(data->sample_name(Split::train, 3127) == "Breed_2550");
  CHECK(data->sample_name(Split::val, 0) == "Breed_2436");
  CHECK(data->sample_name(Split::test, 0) == "Other_2758");
}

TEST_CASE("written data sets are read back by their kinds") {
  const TemporaryFolder folder;
  for (const std::string kind : {"camvid", "pets"}) {
    synthesize_dataset(kind, folder / kind, {.train = 6, .val = 2, .height = 40, .width = 56});
    dsl::DataSpec spec;
    spec.kind = kind;
    spec.root = folder / kind;
    const auto data = open_dataset(spec);
    const auto report = check_dataset(*data);
    CHECK(report.ok());
    const bool pets = kind == "pets";
    CHECK(data->size(Split::train) == (pets ? 5 : 6));
    CHECK(data->size(Split::val) == (pets ? 1 : 2));
    CHECK(data->size(Split::test) == (pets ? 2 : 0));
    const auto sample = data->load(Split::train, 0);
    CHECK(sample.image.height == 40);
    CHECK(sample.image.width == 56);
    CHECK(report.splits[0].class_pixels[0] > 0);
    CHECK((report.splits[0].ignored_pixels > 0) == !pets);
  }
  CHECK(says(message_of([&] { synthesize_dataset("voc", folder / "v"); }), "expected pets or camvid"));
  CHECK(says(message_of([&] { synthesize_dataset("pets", "/proc/none"); }), "cannot create"));
}

TEST_CASE("a data set whose folder or list is missing says which") {
  const TemporaryFolder folder;
  dsl::DataSpec spec;
  for (const char* kind : {"camvid", "pets"}) {
    spec.kind = kind;
    spec.root = folder / "none";
    CHECK(message_of([&] { open_dataset(spec); }) == folder / "none: no such folder");
    spec.root = folder.path();
    CHECK(says(message_of([&] { open_dataset(spec); }), "no such file"));
  }
}

TEST_CASE("a description may give camvid other classes") {
  const TemporaryFolder folder;
  synthesize_dataset("camvid", folder.path(), {.train = 2, .val = 1, .height = 30, .width = 30});
  dsl::DataSpec spec;
  spec.kind = "camvid";
  spec.root = folder.path();
  CHECK(open_dataset(spec)->palette() == camvid_palette());
  for (int i = 0; i < 12; ++i) spec.classes.push_back("c" + std::to_string(i));
  const auto twelve = open_dataset(spec);  // void as a class of its own
  CHECK(twelve->classes().size() == 12);
  CHECK(twelve->class_of(11) == 11);
  CHECK(check_dataset(*twelve).ok());
}

TEST_CASE("samples are known by what their files hold, and labels by what they mean") {
  const TemporaryFolder folder;
  write_folder(folder, 4);
  auto spec = folder_spec(folder);
  spec.val_share = 0;
  const auto data = open_dataset(spec);
  const auto key = data->key(Split::train, 1);
  CHECK(key == open_dataset(spec)->key(Split::train, 1));
  CHECK(key.image != data->key(Split::train, 2).image);
  CHECK(key.labels != data->key(Split::train, 2).labels);

  std::filesystem::copy_file(folder / "images/p1.png", folder / "images/p2.png",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(open_dataset(spec)->key(Split::train, 2).image == key.image);
  spec.classes = {"a", "b"};
  spec.ignore = {2};
  const auto other = open_dataset(spec)->key(Split::train, 1);
  CHECK(other.image == key.image);
  CHECK(other.labels != key.labels);
}

TEST_CASE("pictures that are made up are known by what they are made of") {
  SyntheticOptions options;
  const auto data = make_synthetic(options);
  const auto key = data->key(Split::train, 3);
  CHECK(key == make_synthetic(options)->key(Split::train, 3));
  CHECK_FALSE(key == data->key(Split::train, 4));
  CHECK_FALSE(key == data->key(Split::val, 3));
  options.images = 7;
  CHECK(key == make_synthetic(options)->key(Split::train, 3));
  options.jitter = 7;
  CHECK_FALSE(key == make_synthetic(options)->key(Split::train, 3));
}
