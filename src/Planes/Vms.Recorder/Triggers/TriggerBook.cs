using System.Text.Json;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Triggers;

/// <summary>What happened lately and goes on now, on its way to disk: a recorder that is killed goes on with it. Immutable.</summary>
/// <param name="all">In the order in which it came.</param>
internal sealed class TriggerBook(IReadOnlyList<Happening> all)
{
    /// <summary>No stream log reaches back further.</summary>
    public const long OldestUs = 600_000_000;

    /// <summary>Longer than any post-roll: after that nobody asks any more.</summary>
    private const long KeptUs = 900_000_000;

    /// <summary>Of one kind and stream; the oldest become one. More is recorded than asked for then, never less.</summary>
    private const int MaxPerKind = 32;

    public static readonly TriggerBook Empty = new([]);

    public IEnumerable<Happening> Of(string cameraId, string stream) => all.Where(h => h.Concerns(cameraId, stream));

    /// <summary>The manual recording of a stream that goes on; null for none.</summary>
    public Happening? ManualOf(string cameraId, string stream, long nowUs) => ManualsOf(cameraId, stream).LastOrDefault(h => h.UntilUs > nowUs);

    /// <summary>The stream has a manual recording that is over and that nobody has forgotten: it may have ended while the recorder was away.</summary>
    public bool HasEndedManual(string cameraId, string stream, long nowUs) => ManualsOf(cameraId, stream).Any(h => h.UntilUs <= nowUs);

    /// <summary>What was told before of the same; null for nothing.</summary>
    public Happening? Find(Happening happening) => all.FirstOrDefault(happening.IsSame);

    /// <summary>The same is known, and goes on for longer.</summary>
    public bool IsProlongedBy(Happening happening) =>
        Find(happening) is { } known && happening.FromUs >= known.FromUs && happening.UntilUs >= known.UntilUs;

    /// <summary>What is to be taken up of what was told: of the same the last word counts, what was said already says nothing new, and neither does
    /// the end of something that nobody knows and no stream log holds.</summary>
    public List<Happening> NewsIn(IReadOnlyList<Happening> told, long nowUs)
    {
        var news = new List<Happening>();
        foreach (var happening in told)
        {
            bool isNews = (news.Find(happening.IsSame) ?? Find(happening)) is { } known
                ? !happening.IsOvertakenBy(known) && happening != known with { SaidUs = happening.SaidUs }
                : happening.Id.Length == 0 || happening.UntilUs >= nowUs - OldestUs;
            if (isNews)
            {
                news.RemoveAll(happening.IsSame);
                news.Add(happening);
            }
        }

        return news;
    }

    /// <param name="news">None of them twice under the same id.</param>
    public TriggerBook With(IReadOnlyList<Happening> news, long nowUs)
    {
        var kept = all.Where(h => h.UntilUs > nowUs - KeptUs && !news.Any(h.IsSame)).Concat(news).ToList();
        foreach (var (cameraId, stream, kind) in news.Select(n => (n.CameraId, n.Stream, n.Kind)).Distinct())
        {
            while (kept.Where(h => h.CameraId == cameraId && h.Stream == stream && h.Kind == kind).Take(MaxPerKind + 1).ToList() is { Count: > MaxPerKind } same)
            {
                kept.Remove(same[0]);
                kept[kept.IndexOf(same[1])] = same[1] with
                {
                    FromUs = Math.Min(same[0].FromUs, same[1].FromUs),
                    UntilUs = Math.Max(same[0].UntilUs, same[1].UntilUs),
                    Id = "",
                };
            }
        }

        return new TriggerBook(kept);
    }

    /// <summary>The manual recording of a stream ends now.</summary>
    public TriggerBook WithoutManual(string cameraId, string stream, long nowUs) => new(
        [.. all.Select(h => IsManualOf(h, cameraId, stream) && h.UntilUs > nowUs ? h with { UntilUs = nowUs } : h)]);

    /// <summary>What was recorded of a stream by hand and is over is in its files.</summary>
    public TriggerBook WithoutEndedManual(string cameraId, string stream, long nowUs) =>
        new([.. all.Where(h => !IsManualOf(h, cameraId, stream) || h.UntilUs > nowUs)]);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(all);

    /// <exception cref="InvalidDataException">Not written by <see cref="ToBytes"/>.</exception>
    public static TriggerBook FromBytes(byte[] bytes)
    {
        try
        {
            return new TriggerBook(JsonSerializer.Deserialize<List<Happening>>(bytes) ?? []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("not a list of triggers", e);
        }
    }

    private IEnumerable<Happening> ManualsOf(string cameraId, string stream) => all.Where(h => IsManualOf(h, cameraId, stream));

    private static bool IsManualOf(Happening happening, string cameraId, string stream) =>
        happening.Kind == RecordingClass.Manual && happening.Concerns(cameraId, stream);
}
