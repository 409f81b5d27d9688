using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class PoolKeyringTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();

    private string Keys => _directory.Create("keys");

    private string Copy => Path.Combine(_directory.Create("pool"), "keyring");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Keys_are_private_files_and_neither_of_them_alone_gives_a_data_key()
    {
        var ring = Add();
        string[] files = Directory.GetFiles(Keys, "storage-main*", SearchOption.TopDirectoryOnly).Append(Copy).ToArray();
        Assert.Equal(4, files.Length);      // pool key, keyring, its lock, and the keyring in the pool
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            Assert.True(bytes.AsSpan().IndexOf(ring.Keys[0].Key.Span) < 0);
            Assert.DoesNotContain(Convert.ToBase64String(ring.Keys[0].Key.Span), System.Text.Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows() && !file.EndsWith(".lock", StringComparison.Ordinal))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void The_newest_key_is_the_last_one_also_when_the_clock_was_set_back()
    {
        var first = Add();
        var second = PoolKeyring.AddKey(Keys, "main", Copy, s_now.AddYears(-1));
        Assert.Equal([first.Keys[0].Id, second.Keys[^1].Id], Read().Keys.Select(k => k.Id));
        Assert.NotEqual(first.Keys[0].Id, second.Keys[^1].Id);
        Assert.Single(PoolKeyFiles());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_pool_key_and_one_copy_of_the_keyring_are_enough(bool keepsThePool)
    {
        var ring = Add();
        File.Delete(keepsThePool ? PoolKeyring.FileOf(Keys, "main") : Copy);
        var left = Read();
        Assert.Equal((ring.Keys[0].Id, 0), (left.Keys[0].Id, left.Locked));
        Assert.True(ring.Keys[0].Key.Span.SequenceEqual(left.Keys[0].Key.Span));
    }

    [Fact]
    public void Without_the_pool_key_its_keys_are_locked_new_ones_are_made_beside_them_and_a_file_put_back_opens_all()
    {
        var ring = Add();
        string poolKey = PoolKeyFiles().Single();
        byte[] backup = File.ReadAllBytes(poolKey);
        File.Delete(poolKey);
        Assert.Equal((0, 1), (Read().Keys.Count, Read().Locked));

        var after = PoolKeyring.AddKey(Keys, "main", Copy, s_now.AddDays(1));
        Assert.Equal((1, 1), (after.Keys.Count, after.Locked));
        Assert.NotEqual(ring.Keys[0].Id, after.Keys[0].Id);
        File.WriteAllBytes(poolKey, backup);
        Assert.Equal([ring.Keys[0].Id, after.Keys[0].Id], Read().Keys.Select(k => k.Id));
        Assert.Equal(2, PoolKeyFiles().Length);
    }

    [Fact]
    public void A_new_pool_key_wraps_all_keys_anew_and_the_former_one_opens_nothing_any_more()
    {
        Add();
        var before = PoolKeyring.AddKey(Keys, "main", Copy, s_now.AddDays(1));
        string former = PoolKeyFiles().Single();
        byte[] backup = File.ReadAllBytes(former);
        Assert.Equal(2, PoolKeyring.ReplacePoolKey(Keys, "main", Copy));

        Assert.False(File.Exists(former));
        var after = Read();
        Assert.Equal(before.Keys.Select(k => (k.Id, Convert.ToHexString(k.Key.Span))), after.Keys.Select(k => (k.Id, Convert.ToHexString(k.Key.Span))));
        File.Delete(PoolKeyFiles().Single());
        File.WriteAllBytes(former, backup);
        Assert.Equal((0, 2), (Read().Keys.Count, Read().Locked));
    }

    [Fact]
    public void An_interrupted_replacement_leaves_every_key_readable()
    {
        var ring = Add();
        string former = PoolKeyFiles().Single();
        byte[] backup = File.ReadAllBytes(former);
        byte[] copy = File.ReadAllBytes(Copy);
        PoolKeyring.ReplacePoolKey(Keys, "main", Copy);
        // The power went before the former key was deleted and the pool's copy written.
        File.WriteAllBytes(former, backup);
        File.WriteAllBytes(Copy, copy);
        Assert.Equal((ring.Keys[0].Id, 0), (Read().Keys.Single().Id, Read().Locked));
    }

    [Theory]
    [InlineData("")]
    [InlineData("vms keyring 2\n")]
    [InlineData("vms keyring 1\nnonsense\n")]
    [InlineData("vms keyring 1\n0000000000000001 1 0123456789abcdef AAAA\n")]
    public void A_file_that_is_no_keyring_is_refused_by_name(string text)
    {
        Add();
        File.WriteAllText(PoolKeyring.FileOf(Keys, "main"), text);
        var refused = Assert.Throws<InvalidDataException>(Read);
        Assert.Contains("storage-main.keyring", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_altered_entry_opens_nothing()
    {
        Add();
        string file = PoolKeyring.FileOf(Keys, "main");
        string[] lines = File.ReadAllLines(file);
        string wrapped = lines[1].Split(' ')[3];
        byte[] bytes = Convert.FromBase64String(wrapped);
        bytes[^1] ^= 1;
        File.WriteAllLines(file, [lines[0], lines[1].Replace(wrapped, Convert.ToBase64String(bytes), StringComparison.Ordinal)]);
        // The other copy is good: it counts, and the next change mends the first.
        Assert.Equal((1, 0), (Read().Keys.Count, Read().Locked));
        File.Delete(Copy);
        Assert.Equal((0, 1), (Read().Keys.Count, Read().Locked));
    }

    [Fact]
    public void A_new_pool_key_leaves_alone_a_key_of_which_nothing_here_knows()
    {
        Add();
        string elsewhere = _directory.Create("elsewhere");
        PoolKeyring.AddKey(elsewhere, "main", Path.Combine(elsewhere, "copy"), s_now);
        string foreign = Path.Combine(Keys, Path.GetFileName(Directory.GetFiles(elsewhere, "storage-main.*.key").Single()));
        File.Copy(Directory.GetFiles(elsewhere, "storage-main.*.key").Single(), foreign);
        Assert.Equal(1, PoolKeyring.ReplacePoolKey(Keys, "main", Copy));
        Assert.True(File.Exists(foreign));
        Assert.Equal(2, PoolKeyFiles().Length);
    }

    [Fact]
    public void Pools_have_keys_of_their_own_and_whoever_reads_everything_gets_all()
    {
        var main = Add();
        var other = PoolKeyring.AddKey(Keys, "second", Path.Combine(_directory.Create("pool2"), "keyring"), s_now);
        Assert.Equal(main.Keys.Select(k => k.Id), Read().Keys.Select(k => k.Id));
        Assert.Equal(
            new[] { main.Keys[0].Id, other.Keys[0].Id }.Order(), PoolKeyring.ReadAll(Keys, []).Keys.Select(k => k.Id).Order());
    }

    private PoolKeyring Add() => PoolKeyring.AddKey(Keys, "main", Copy, s_now);

    private PoolKeyring Read() => PoolKeyring.Read(Keys, "main", Copy);

    private string[] PoolKeyFiles() => Directory.GetFiles(Keys, "storage-main.*.key");
}
