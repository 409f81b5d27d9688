using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Vms.StreamLog.Tests;

public sealed partial class DirectoryTests : IDisposable
{
    private readonly LogFixture _log = new();

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Only_the_account_itself_may_enter_and_read()
    {
        using StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_log.Directory.Path));
        foreach (string file in Directory.GetFiles(_log.Directory.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_directory_left_open_to_others_is_closed_to_them()
    {
        File.SetUnixFileMode(_log.Directory.Path, (UnixFileMode)0b111_101_101);
        _ = new StreamLogDirectory(_log.Directory.Path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_log.Directory.Path));
    }

    [Fact]
    public void Symbolic_links_are_not_followed()
    {
        string elsewhere = Path.Combine(_log.Directory.Path, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        string link = Path.Combine(_log.Directory.Path, "link");
        Directory.CreateSymbolicLink(link, elsewhere);
        Assert.ThrowsAny<IOException>(() => new StreamLogDirectory(link));

        File.WriteAllBytes(Path.Combine(elsewhere, "victim"), new byte[100]);
        File.CreateSymbolicLink(_log.LogPath, Path.Combine(elsewhere, "victim"));
        Assert.ThrowsAny<IOException>(() => _log.OpenWriter(LogFixture.Fixed(1 << 16)));
        Assert.ThrowsAny<IOException>(() => StreamLogReader.TryOpen(_log.Directory, LogFixture.Name, TimeProvider.System, out _));
        Assert.Equal(new byte[100], File.ReadAllBytes(Path.Combine(elsewhere, "victim")));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Another_accounts_directory_is_refused()
    {
        if (Environment.UserName != "root")
            return;   // only root can make one
        string foreign = Path.Combine(_log.Directory.Path, "foreign");
        Directory.CreateDirectory(foreign);
        using Process chown = Process.Start("chown", ["65534", foreign]);
        chown.WaitForExit();
        IOException refused = Assert.ThrowsAny<IOException>(() => new StreamLogDirectory(foreign));
        Assert.Contains("belongs to user 65534", refused.Message);
    }

    [Fact]
    public void Every_process_of_an_installation_finds_the_same_directory_and_another_installation_finds_another()
    {
        string a = Path.Combine(_log.Directory.Path, "a"), b = Path.Combine(_log.Directory.Path, "b");
        StreamLogDirectory first = StreamLogDirectory.ForData(a), again = StreamLogDirectory.ForData(a + "/"), other = StreamLogDirectory.ForData(b);
        try
        {
            Assert.Equal(first.Path, again.Path);
            Assert.NotEqual(first.Path, other.Path);
            Assert.DoesNotContain(a, first.FallbackReason is null ? first.Path : "");
        }
        finally
        {
            Directory.Delete(first.Path);
            Directory.Delete(other.Path);
        }
    }

    [Theory]
    [InlineData("../x"), InlineData(""), InlineData(".hidden"), InlineData("a/b"), InlineData("a\n"), InlineData("ä")]
    public void Names_that_could_leave_the_directory_are_refused(string name) =>
        Assert.Throws<ArgumentException>(() => StreamLogReader.TryOpen(_log.Directory, name, TimeProvider.System, out _));

    [Fact]
    public void What_a_killed_writer_left_unfinished_is_deleted_and_other_logs_are_not()
    {
        string leftover = Path.Combine(_log.Directory.Path, $"{LogFixture.Name}.{7:x16}.new");
        string othersLeftover = Path.Combine(_log.Directory.Path, $"{LogFixture.Name}.x.{7:x16}.new");
        File.WriteAllText(leftover, "");
        File.WriteAllText(othersLeftover, "");
        using (_log.OpenWriter(LogFixture.Fixed(1 << 16)))
        {
            Assert.False(File.Exists(leftover));
            Assert.True(File.Exists(othersLeftover));
        }
    }

    [Fact]
    public void A_copy_of_the_locks_handle_in_a_process_just_being_started_does_not_keep_the_lock()
    {
        if (!OperatingSystem.IsLinux())
            return;   // only fork copies handles
        StreamLogWriter writer = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        string lockPath = Path.Combine(_log.Directory.Path, LogFixture.Name + ".lock");
        string handle = Directory.GetFiles("/proc/self/fd").Single(fd => new FileInfo(fd).LinkTarget == lockPath);
        int copy = dup(int.Parse(Path.GetFileName(handle)));
        try
        {
            writer.Dispose();
            using StreamLogWriter next = _log.OpenWriter(LogFixture.Fixed(1 << 16));
            Assert.True(next.Reopened);
        }
        finally
        {
            Assert.Equal(0, close(copy));
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int fd);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int fd);

    [Fact]
    public void A_closed_log_leaves_nothing_behind_and_its_lock_can_be_taken_again()
    {
        _log.OpenWriter(LogFixture.Fixed(1 << 16)).Close();
        Assert.Empty(Directory.GetFiles(_log.Directory.Path));
        using StreamLogWriter again = _log.OpenWriter(LogFixture.Fixed(1 << 16));
        Assert.Throws<StreamLogLockedException>(() => _log.OpenWriter(LogFixture.Fixed(1 << 16)));
    }

    public void Dispose() => _log.Dispose();
}
