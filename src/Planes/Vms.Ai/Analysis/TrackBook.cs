using System.Text.Json;
using Vms.Ai.Detectors;
using Vms.Ai.Rules;
using Vms.Ai.Tracking;
using Vms.Hosting;

namespace Vms.Ai.Analysis;

/// <summary>
/// How far one stream was analysed and what was followed then, on disk: after the end of the process analysis goes on there, with the same objects, and
/// nothing is told twice. Written without waiting for the disk, at most once a second. One caller at a time.
/// </summary>
internal sealed class TrackBook
{
    /// <summary>What is older says nothing of what is to be seen now.</summary>
    internal const long FreshUs = 20_000_000;

    private const int MaxBytes = 4 << 20;

    private readonly string _path;

    internal TrackBook(PlaneOptions options, string stream)
    {
        string directory = Path.Combine(options.StateDirectory, "analysis");
        PrivateFiles.CreateDirectory(options.StateDirectory);
        PrivateFiles.CreateDirectory(directory);
        _path = Path.Combine(directory, stream + ".json");
    }

    /// <summary>Null when there is none, or none that can be read.</summary>
    internal Page? Load()
    {
        try
        {
            return new FileInfo(_path) is { Exists: true, Length: <= MaxBytes } ? JsonSerializer.Deserialize<Page>(File.ReadAllBytes(_path)) : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>False when the disk does not take it: then the next one is tried.</summary>
    internal bool Store(long capturedUs, long motionSinceUs, long movedUs, RuleSet rules, IEnumerable<ObjectTrack> tracks)
    {
        var page = new Page(
            capturedUs, motionSinceUs, movedUs, rules.Day, new Dictionary<string, long>(rules.Counts), [.. tracks.Where(t => t.State != TrackState.Tentative).Select(Stored.Of)]);
        try
        {
            File.WriteAllBytes(_path + ".tmp", JsonSerializer.SerializeToUtf8Bytes(page));
            File.Move(_path + ".tmp", _path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    internal void Delete() => File.Delete(_path);

    /// <param name="CapturedUs">Of the last picture that was looked at.</param>
    /// <param name="MotionSinceUs">The motion that went on then began at; 0: nothing moved.</param>
    /// <param name="MovedUs">When the camera was turned last, as far as that was known then; 0: nobody knew.</param>
    internal sealed record Page(long CapturedUs, long MotionSinceUs, long MovedUs, long Day, Dictionary<string, long> Counts, IReadOnlyList<Stored> Tracks);

    internal sealed record Stored(
        string Id, string Class, float Score, float BestScore, int Hits, bool HasMoved, float X, float Y, float Width, float Height, long FirstUs,
        IReadOnlyList<PathPoint> Path, TrackMemory Memory)
    {
        internal static Stored Of(ObjectTrack track) => new(
            track.Id, track.Class, track.Score, track.BestScore, track.Hits, track.HasMoved, track.Box.X, track.Box.Y, track.Box.Width, track.Box.Height, track.FirstUs,
            track.Path, track.Memory);

        /// <param name="nowUs">Of the picture after which it was stored.</param>
        internal ObjectTrack ToTrack(long nowUs)
        {
            var track = new ObjectTrack(Id, new Detection(Class, Score, new Box(X, Y, Width, Height)), FirstUs) { Memory = Memory, State = TrackState.Lost };
            track.Restore(BestScore, Hits, HasMoved, Path, nowUs);
            return track;
        }
    }
}
