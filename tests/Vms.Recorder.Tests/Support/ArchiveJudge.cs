using System.Globalization;
using Vms.Containers.Integrity;
using Vms.Recorder.Archive;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Support;

/// <summary>Looks at recorded files from outside.</summary>
internal static class ArchiveJudge
{
    /// <summary>Segment files in recording order.</summary>
    public static IReadOnlyList<string> FilesOf(ArchiveLayout layout, string cameraId, string stream) =>
    [
        .. layout.Days(cameraId, stream).SelectMany(layout.SegmentsOf).OrderBy(s => s.Name.Id).Select(s => s.File.FullName),
    ];

    /// <summary>Every frame once, in order: <paramref name="first"/>, first + 1, …</summary>
    public static void AssertEveryFrameOnce(IReadOnlyList<long> counters, long first, long end)
    {
        for (int i = 0; i < counters.Count; i++)
        {
            Assert.True(counters[i] == first + i, $"frame {first + i} expected at place {i}, found {counters[i]}");
        }

        Assert.Equal(end, first + counters.Count);
    }

    /// <summary>Nothing in a stream's archive is other than it was recorded.</summary>
    /// <param name="files">In recording order.</param>
    /// <param name="data">Data directory, for the public key.</param>
    /// <returns>Fragments behind the last signature.</returns>
    public static int AssertChained(IReadOnlyList<string> files, string data)
    {
        using var keys = IntegrityKeys.FromPem(File.ReadAllText(Path.Combine(data, "keys", "integrity.pub")));
        var verifier = new ChainVerifier(keys);
        int unanchored = 0;
        Assert.NotEmpty(files);
        foreach (string path in files)
        {
            var verdict = verifier.Verify(path, new MemoryStream(ReadShared(path), writable: false));
            Assert.True(verdict.Findings.Count == 0, string.Join('\n', verdict.Findings));
            unanchored = verdict.AnchoredUntil is null ? unanchored + verdict.Fragments : verdict.UnanchoredFragments;
        }

        return unanchored;
    }

    /// <summary>Reads a file that may be open for writing: it may be cut to its true length meanwhile.</summary>
    public static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[file.Length];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>ffmpeg decodes the file without a word.</summary>
    /// <param name="level">"error" for G.711, of which ffmpeg says that it guessed one channel to be mono.</param>
    public static async Task AssertDecodesAsync(string path, string level = "warning")
    {
        string said = await ChildProcess.RunAsync("ffmpeg", ["-v", level, "-xerror", "-i", path, "-f", "null", "-"]);
        Assert.True(said.Length == 0, $"{path}: {said}");
    }

    /// <summary>Frames that ffprobe decodes.</summary>
    public static async Task<int> DecodedFramesAsync(string path)
    {
        string said = await ChildProcess.RunAsync(
            "ffprobe",
            ["-v", "warning", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", path]);
        return int.Parse(said, CultureInfo.InvariantCulture);
    }
}
