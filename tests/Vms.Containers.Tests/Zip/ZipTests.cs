using System.IO.Compression;
using Vms.Containers.Zip;

namespace Vms.Containers.Tests.Zip;

public sealed class ZipTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 21, 9, 30, 4, TimeSpan.Zero);

    [Fact]
    public void Another_reader_finds_every_file_and_so_does_ours()
    {
        var files = new Dictionary<string, byte[]> { ["manifest.json"] = "{}"u8.ToArray(), ["Gate é.mp4"] = new byte[70_000], ["empty"] = [] };
        byte[] zip = Write(files);
        using var archive = new ZipArchive(new MemoryStream(zip), ZipArchiveMode.Read);
        Assert.Equal(files.Keys, archive.Entries.Select(e => e.FullName));
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using (var stored = entry.Open()) stored.CopyTo(content);
            Assert.Equal(files[entry.FullName], content.ToArray());
            Assert.Equal(s_at.DateTime, entry.LastWriteTime.DateTime);
        }

        Assert.Equal(files.Select(f => (f.Key, (long)f.Value.Length)), ZipReader.Read(new MemoryStream(zip)).Select(f => (f.Name, f.Bytes)));
        Assert.All(ZipReader.Read(new MemoryStream(zip)), f => Assert.Equal(files[f.Name], zip[(int)f.Offset..(int)(f.Offset + f.Bytes)]));
    }

    /// <summary>A file above 4 GiB, another behind it: all of it holes but for the headers.</summary>
    [Fact]
    public void Files_and_offsets_above_4_GiB_are_read_by_others_too()
    {
        string path = Path.GetTempFileName();
        try
        {
            const long Large = (4L << 30) + 5;
            var entries = new List<ZipEntry> { new("large.mp4", Large, 0, s_at), new("small", 3, Crc32.Append(0, "abc"u8), s_at) };
            using (var file = new FileStream(path, FileMode.Create))
            {
                byte[] first = ZipDirectory.LocalHeader(entries[0]);
                file.Write(first);
                file.Position += Large;
                long second = file.Position;
                file.Write(ZipDirectory.LocalHeader(entries[1]));
                file.Write("abc"u8);
                file.Write(ZipDirectory.Directory(entries, [0, second], file.Position));
            }

            using var archive = ZipFile.OpenRead(path);
            Assert.Equal([Large, 3], archive.Entries.Select(e => e.Length));
            using (var reader = new StreamReader(archive.Entries[1].Open())) Assert.Equal("abc", reader.ReadToEnd());
            using var own = File.OpenRead(path);
            Assert.Equal([Large, 3], ZipReader.Read(own).Select(f => f.Bytes));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Whatever_is_no_ZIP_is_refused_in_words()
    {
        byte[] zip = Write(new() { ["a"] = [1, 2, 3], ["b"] = [4] });
        var random = new Random(20261129);
        for (int i = 0; i < 2000; i++)
        {
            byte[] bad = zip[..(i % 2 == 0 ? random.Next(zip.Length) : zip.Length)];
            for (int n = random.Next(1, 4); n > 0 && bad.Length > 0; n--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                Assert.All(ZipReader.Read(new MemoryStream(bad)), f => Assert.InRange(f.Offset + f.Bytes, 0, bad.Length));
            }
            catch (InvalidDataException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        Assert.Equal(0xCBF43926u, Crc32.Append(0, "123456789"u8));
        Assert.Equal(Crc32.Append(0, "The quick brown fox"u8), Crc32.Append(Crc32.Append(0, "The quick "u8), "brown fox"u8));
    }

    private static byte[] Write(Dictionary<string, byte[]> files)
    {
        using var zip = new MemoryStream();
        var entries = new List<ZipEntry>();
        var offsets = new List<long>();
        foreach (var (name, content) in files)
        {
            entries.Add(new ZipEntry(name, content.Length, Crc32.Append(0, content), s_at));
            offsets.Add(zip.Position);
            zip.Write(ZipDirectory.LocalHeader(entries[^1]));
            zip.Write(content);
        }

        zip.Write(ZipDirectory.Directory(entries, offsets, zip.Position));
        return zip.ToArray();
    }
}
