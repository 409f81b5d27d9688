using Vms.Native.Storage;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Writing;

public sealed class StorageFileTests
{
    [Fact]
    public async Task Reserved_space_is_no_part_of_the_file_and_is_given_back()
    {
        using var directory = new TestDirectory();
        string path = directory["segment.mp4"];
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(file, new byte[5000], 0);
        if (StorageFile.Reserve(file, 5000, 4 << 20))
        {
            Assert.Equal(5000, RandomAccess.GetLength(file));
            Assert.True(await BlocksAsync(path) * 512 > 4 << 20);
        }

        StorageFile.StartWriteback(file, 0, 5000);
        StorageFile.TrimReserved(file, 5000);
        Assert.Equal(5000, RandomAccess.GetLength(file));
        Assert.True(await BlocksAsync(path) * 512 <= 16384);
        using var volume = new StorageVolume(directory.Path);
        volume.Commit([file]);
        StorageFile.DropCache(file, 0, 5000);
        Assert.True(volume.FreeBytes > 0);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_no_volume() =>
        Assert.Throws<IOException>(() => new StorageVolume("/nonexistent/pool"));

    [Fact]
    public void A_full_disk_is_told_from_other_trouble()
    {
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        var error = Assert.ThrowsAny<IOException>(() => RandomAccess.Write(full, new byte[10], 0));
        Assert.True(StorageFile.IsDiskFull(error));
        Assert.False(StorageFile.IsDiskFull(new IOException("something else", 5)));
    }

    private static async Task<long> BlocksAsync(string path) =>
        long.Parse(await ChildProcess.RunAsync("stat", ["-c", "%b", path]), System.Globalization.CultureInfo.InvariantCulture);
}
