using Vms.Testing.Footage;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>Accounts for the stamps that the simulated cameras put into every frame: each number exactly once.</summary>
public static class RecordedFrames
{
    /// <summary>Frame numbers by camera number, in the order of the files.</summary>
    public static Dictionary<int, List<long>> In(IEnumerable<string> files)
    {
        var frames = new Dictionary<int, List<long>>();
        foreach (var file in files)
        {
            foreach (var stamp in FrameStamp.FindAll(File.ReadAllBytes(file)))
            {
                if (!frames.TryGetValue(stamp.Camera, out var numbers))
                    frames[stamp.Camera] = numbers = [];
                numbers.Add(stamp.Frame);
            }
        }

        return frames;
    }

    /// <summary>Numbers missing between the first and the last, and numbers seen more than once.</summary>
    public static (IReadOnlyList<long> Lost, IReadOnlyList<long> Repeated) Account(IReadOnlyList<long> numbers)
    {
        var seen = numbers.CountBy(n => n).ToDictionary();
        var lost = new List<long>();
        for (var n = numbers.Min(); n <= numbers.Max(); n++)
        {
            if (!seen.ContainsKey(n))
                lost.Add(n);
        }

        return (lost, [.. seen.Where(s => s.Value > 1).Select(s => s.Key)]);
    }

    /// <summary>Fails unless every camera has each of its frames exactly once.</summary>
    public static void AssertEachExactlyOnce(IReadOnlyDictionary<int, List<long>> frames, int cameras)
    {
        Assert.Equal(cameras, frames.Count);
        foreach (var (camera, numbers) in frames)
        {
            var (lost, repeated) = Account(numbers);
            Assert.True(lost.Count == 0, $"camera {camera}: {lost.Count} of {numbers.Count} frames lost: {string.Join(' ', lost.Take(10))}");
            Assert.True(repeated.Count == 0, $"camera {camera}: {repeated.Count} frames repeated: {string.Join(' ', repeated.Take(10))}");
        }
    }

    /// <summary>The segment files of a data directory in the order of their writing; none before the first is made.</summary>
    public static IReadOnlyList<string> SegmentsOf(string dataDirectory, string? cameraId = null)
    {
        string folder = Path.Combine(dataDirectory, "recordings", cameraId ?? "");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
    }
}
