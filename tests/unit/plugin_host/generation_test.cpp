// Reload: a new set beside the old one, swapped in whole or not at all, while others still hold the old one.
#include "core/plugin_host/generation.hpp"

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "core/plugin_host/files.hpp"
#include "tests/unit/plugin_host/fixture.hpp"

namespace stemma {
namespace {

class Reload : public PluginFolder {
protected:
    [[nodiscard]] static std::string version(const PluginSet& set) { return set.plugins().front().version; }
    [[nodiscard]] static bool checks(const PluginSet& set) {
        const std::string_view number = "A7";
        const auto result = set.schemes().front()->check({&number, 1});
        return result && result->front().outcome == NumberCheck::Outcome::valid;
    }
};

TEST_F(Reload, first_set_is_in_force_after_the_start) {
    put("healthy");
    put("beehive");
    const auto host = start({want("healthy"), want("beehive")});
    ASSERT_TRUE(host) << host.error().text();
    const auto set = (*host)->current();
    ASSERT_EQ(set->plugins().size(), 2U);
    EXPECT_EQ(set->plugins()[0].id, "org.stemma.zoo.healthy");
    EXPECT_EQ(set->plugins()[0].name, "healthy");
    EXPECT_EQ(set->plugins()[0].offers, std::vector<std::string>{"scheme healthy"});
    EXPECT_EQ(set->plugins()[0].binary_sha256, to_hex(*sha256_file((kZoo / "healthy.so").string())));
    EXPECT_EQ(set->plugins()[0].options_sha256, to_hex(sha256("{}")));
    EXPECT_EQ(set->plugins()[0].data_sha256, "");
    EXPECT_EQ(set->plugins()[1].offers, (std::vector<std::string>{"rule bee.sting", "assessment honey", "workflow swarm"}));
    EXPECT_EQ(set->schemes().size(), 1U);
    EXPECT_EQ(set->rules().size(), 1U);
    EXPECT_EQ(set->assessments().size(), 1U);
    EXPECT_EQ(set->workflows().size(), 1U);
}

TEST_F(Reload, empty_set_is_a_set) {
    const auto host = start({});
    ASSERT_TRUE(host) << host.error().text();
    EXPECT_TRUE((*host)->current()->plugins().empty());
}

TEST_F(Reload, new_file_of_the_same_name_brings_new_code) {
    put("healthy");
    const auto host = start({want("healthy")});
    ASSERT_TRUE(host) << host.error().text();
    const auto old = (*host)->current();
    put("healthy_v2", "healthy");
    ASSERT_TRUE((*host)->reload({want("healthy")}));
    EXPECT_EQ(version(*(*host)->current()), "2.0.0");
    EXPECT_EQ(version(*old), "1.0.0");
    EXPECT_TRUE(checks(*old)) << "who holds the old set goes on with it";
    EXPECT_GT((*host)->current()->generation(), old->generation());
}

TEST_F(Reload, refused_set_leaves_the_old_one_in_force) {
    put("healthy");
    put("aborts");
    const auto host = start({want("healthy")});
    ASSERT_TRUE(host);
    const auto before = (*host)->current();
    const auto reloaded = (*host)->reload({want("healthy"), want("aborts")});
    ASSERT_FALSE(reloaded);
    expect_message(reloaded.error(), "PLUGIN_KILLED", "'aborts' killed the process");
    EXPECT_EQ((*host)->current(), before);
    EXPECT_TRUE(checks(*(*host)->current()));
}

TEST_F(Reload, generation_swaps_while_threads_use_the_one_they_began_with) {
    put("healthy");
    const auto host = start({want("healthy")});
    ASSERT_TRUE(host);
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    readers.reserve(3);
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            while (!stop) {
                const auto set = (*host)->current();
                for (int j = 0; j < 100; ++j) wrong += checks(*set) ? 0 : 1;
            }
        });
    for (int i = 0; i < 6; ++i) {
        put(i % 2 == 0 ? "healthy_v2" : "healthy", "healthy");
        EXPECT_TRUE((*host)->reload({want("healthy")}));
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
}

TEST_F(Reload, instances_die_with_the_last_holder_and_code_can_be_unloaded) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "the address sanitizer loses its stacks when code is unloaded";
#endif
    put("healthy");
    HostSettings honest = settings();
    honest.unload = Unload::after_use;
    auto host = PluginHost::start(honest, {want("healthy")});
    ASSERT_TRUE(host) << host.error().text();
    const std::string path = (*host)->current_generation()->copies().begin()->second.string();
    const auto is_mapped = [&] {
        void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
        if (handle != nullptr) ::dlclose(handle);
        return handle != nullptr;
    };
    auto held = (*host)->current();
    ASSERT_TRUE((*host)->reload({want("healthy")}));
    EXPECT_TRUE(is_mapped());
    held.reset();
    EXPECT_FALSE(is_mapped());
}

TEST_F(Reload, code_stays_mapped_by_default) {
    put("healthy");
    auto host = start({want("healthy")});
    ASSERT_TRUE(host);
    const std::string path = (*host)->current_generation()->copies().begin()->second.string();
    host->reset();
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
    EXPECT_NE(handle, nullptr);
    if (handle != nullptr) ::dlclose(handle);
}

// Why every generation gets its own folder and every file a fresh inode.
TEST_F(Reload, the_loader_gives_back_old_code_for_a_known_path_and_for_a_known_inode) {
    const auto version_at = [](const fs::path& path) {
        static auto& kept = *new std::vector<boost::dll::shared_library>;
        kept.emplace_back(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        const stm_entry* entry = kept.back().get<const stm_entry*()>("stm_plugin_entry_v1")();
        return std::string(entry->info->version.data, entry->info->version.size);
    };
    const fs::path path = root() / "one.so";
    fs::copy_file(kZoo / "healthy.so", path);
    EXPECT_EQ(version_at(path), "1.0.0");
    fs::remove(path);
    fs::copy_file(kZoo / "healthy_v2.so", path);
    EXPECT_EQ(version_at(path), "1.0.0") << "a new file at a path that is open is not even looked at";
    fs::create_hard_link(path, root() / "two.so");
    EXPECT_EQ(version_at(root() / "two.so"), "2.0.0");
    fs::create_hard_link(path, root() / "three.so");
    EXPECT_EQ(version_at(root() / "three.so"), "2.0.0");
}

TEST_F(Reload, a_set_can_be_looked_at_before_it_is_put_in_force) {
    put("healthy");
    const auto host = start({});
    ASSERT_TRUE(host);
    auto aside = (*host)->load_aside({want("healthy")});
    ASSERT_TRUE(aside) << aside.error().text();
    EXPECT_EQ((*aside)->plugins().front().offers, std::vector<std::string>{"scheme healthy"});
    EXPECT_TRUE((*host)->current()->plugins().empty());
    (*host)->put_in_force(*aside);
    EXPECT_EQ((*host)->current(), *aside);
}

TEST_F(Reload, generation_folders_are_numbered_once_and_go_with_their_set) {
    put("healthy");
    const auto folders = [&] {
        std::vector<std::string> out;
        for (const auto& entry : fs::directory_iterator(state()))
            if (entry.path().filename().string().starts_with("gen-")) out.push_back(entry.path().filename());
        return out;
    };
    auto host = start({want("healthy")});
    ASSERT_TRUE(host);
    const std::uint64_t first = (*host)->current()->generation();
    ASSERT_TRUE((*host)->reload({want("healthy")}));
    const std::uint64_t second = (*host)->current()->generation();
    EXPECT_GT(second, first) << "a path must never be used twice in a process";
    EXPECT_EQ(folders(), std::vector<std::string>{"gen-" + std::to_string(second)});
    host->reset();
    EXPECT_EQ(folders(), std::vector<std::string>{});
}

TEST_F(Reload, folders_of_a_daemon_that_was_killed_are_cleaned_at_the_start) {
    put("healthy");
    fs::create_directories(state() / "gen-70000");
    fs::create_directories(state() / "general");
    const auto host = start({want("healthy")});
    ASSERT_TRUE(host);
    EXPECT_FALSE(fs::exists(state() / "gen-70000"));
    EXPECT_TRUE(fs::exists(state() / "general"));
}

TEST_F(Reload, passed_preflight_is_not_repeated_for_the_same_bytes_and_options) {
    put("bad_options");
    HostSettings limited = settings();
    limited.checker = root() / "checker";
    fs::create_symlink(settings().checker, limited.checker);
    const auto host = PluginHost::start(limited, {want("bad_options", "width: 3\n")});
    ASSERT_TRUE(host) << host.error().text();
    fs::remove(limited.checker);
    EXPECT_TRUE((*host)->reload({want("bad_options", "width: 3\n")}));
    EXPECT_FALSE((*host)->reload({want("bad_options", "width: 4\n")})) << "other options must be tried in a child first";
}

TEST_F(Reload, what_was_in_force_is_kept_and_loads_again_by_digest) {
    put("beehive");
    WantedPlugin wanted = want("beehive", "greeting: hello\n");
    wanted.data.push_back({"words", "words.json", to_hex(sha256("x")), R"({"word":"friend"})"});
    const auto host = start({wanted});
    ASSERT_TRUE(host) << host.error().text();
    const PluginInfo was = (*host)->current()->plugins().front();
    fs::remove(plugins() / "beehive.so");
    ASSERT_TRUE((*host)->reload({}));

    const auto kept = (*host)->load_kept({"beehive", was.binary_sha256, was.options_sha256, was.data_sha256});
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ((*kept)->plugins().front().binary_sha256, was.binary_sha256);
    EXPECT_EQ((*kept)->plugins().front().data_sha256, was.data_sha256);
    const FactTable no_case{"case", {}, {{"state", ColumnType::text}}, {{Value{}}}};
    const FactTable open{"command", {}, {{"name", ColumnType::text}}, {{Value{std::string("open")}}}};
    const auto opened = (*kept)->workflows().front()->act({Instant{0}, {no_case, open}, {}, 0});
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(std::get<std::vector<WorkflowStep>>(*opened).front().fields.at("greeting"), "hello friend");
    EXPECT_TRUE((*host)->current()->plugins().empty()) << "loading an old one changes nothing in force";
}

/// Mappings of files under the folder, as the kernel lists them.
std::size_t mapped_from(const fs::path& folder) {
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);)
        if (line.find(folder.string()) != std::string::npos) ++count;
    return count;
}

TEST_F(Reload, a_kept_set_is_mapped_once_however_often_it_is_asked_for) {
    put("healthy");
    put("bad_options");
    const auto host = start({want("healthy"), want("bad_options", "width: 3\n")});
    ASSERT_TRUE(host) << host.error().text();
    const std::vector<PluginInfo> was = (*host)->current()->plugins();
    ASSERT_TRUE((*host)->reload({want("bad_options", "width: 4\n")}));
    std::vector<KeptPlugin> kept;
    kept.reserve(3);
    for (const PluginInfo& plugin : {was[0], was[1], (*host)->current()->plugins().front()})
        kept.push_back({plugin.name, plugin.binary_sha256, plugin.options_sha256, plugin.data_sha256});
    std::vector<std::shared_ptr<const PluginSet>> first;
    first.reserve(kept.size());
    for (const KeptPlugin& one : kept) first.push_back((*host)->load_kept(one).value());
    EXPECT_NE(first[1], first[2]) << "the same code with other options is another set";
    const std::size_t mapped = mapped_from(root());
    for (int again = 0; again < 20; ++again)
        for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ((*host)->load_kept(kept[i]).value(), first[i]);
    EXPECT_EQ(mapped_from(root()), mapped);
    EXPECT_GT(mapped, 0U);
}

TEST_F(Reload, kept_code_that_was_changed_or_never_seen_is_refused) {
    put("healthy");
    const auto host = start({want("healthy")});
    ASSERT_TRUE(host);
    const PluginInfo was = (*host)->current()->plugins().front();
    KeptPlugin kept{"healthy", was.binary_sha256, was.options_sha256, ""};
    fs::copy_file(kZoo / "healthy_v2.so", state() / "by-sha256" / (was.binary_sha256 + ".so"), fs::copy_options::overwrite_existing);
    const auto changed = (*host)->load_kept(kept);
    ASSERT_FALSE(changed);
    expect_message(changed.error(), "PLUGIN_DIGEST_MISMATCH", "the kept code of plugin 'healthy' was changed");
    kept.binary_sha256 = std::string(64, '0');
    EXPECT_EQ((*host)->load_kept(kept).error().code, Errc::not_found);
    kept.binary_sha256 = "../../../etc/passwd";
    EXPECT_EQ((*host)->load_kept(kept).error().code, Errc::not_found);
}

}  // namespace
}  // namespace stemma
