using System.Text.Json;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Triggers;

/// <summary>What happened lately and goes on now, on its way to disk: a recorder that is killed goes on with it. Immutable.</summary>
/// <param name="all">In the order in which it came.</param>
internal sealed class TriggerBook(IReadOnlyList<Happening> all)
{
    /// <summary>Longer than any post-roll: after that nobody asks any more.</summary>
    private const long KeptUs = 900_000_000;

    /// <summary>Of one kind and camera; the oldest become one. More is recorded than asked for then, never less.</summary>
    private const int MaxPerKind = 32;

    public static readonly TriggerBook Empty = new([]);

    public IEnumerable<Happening> Of(string cameraId) => all.Where(h => h.CameraId == cameraId);

    /// <summary>The manual recording of a camera that goes on; null for none.</summary>
    public Happening? ManualOf(string cameraId, long nowUs) =>
        all.LastOrDefault(h => h.CameraId == cameraId && h.Kind == RecordingClass.Manual && h.UntilUs > nowUs);

    public TriggerBook With(IReadOnlyList<Happening> news, long nowUs)
    {
        var kept = all.Where(h => h.UntilUs > nowUs - KeptUs).Concat(news).ToList();
        foreach (var (cameraId, kind) in news.Select(n => (n.CameraId, n.Kind)).Distinct())
        {
            while (kept.Where(h => h.CameraId == cameraId && h.Kind == kind).Take(MaxPerKind + 1).ToList() is { Count: > MaxPerKind } same)
            {
                kept.Remove(same[0]);
                kept[kept.IndexOf(same[1])] = same[1] with
                {
                    FromUs = Math.Min(same[0].FromUs, same[1].FromUs),
                    UntilUs = Math.Max(same[0].UntilUs, same[1].UntilUs),
                };
            }
        }

        return new TriggerBook(kept);
    }

    /// <summary>The manual recording of a camera ends now.</summary>
    public TriggerBook WithoutManual(string cameraId, long nowUs) => new(
        [.. all.Select(h => h.CameraId == cameraId && h.Kind == RecordingClass.Manual && h.UntilUs > nowUs ? h with { UntilUs = nowUs } : h)]);

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
}
