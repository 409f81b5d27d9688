using Vms.Hosting;
using Spec = Vms.Contracts.Recorder;

namespace Vms.Control.Features.Exports;

/// <summary>What is burnt into the pictures of an export.</summary>
/// <param name="Time">When each picture was captured.</param>
/// <param name="TimeZone">IANA name of the zone whose wall clock that is, as Europe/Berlin; absent: UTC.</param>
/// <param name="Masks">Areas that are made black.</param>
/// <param name="Faces">Plain areas hide the heads of people where analysis found them. Where it did not look for people nothing is hidden: ask for that before (<c>GET
/// /api/exports/faces</c>).</param>
internal sealed record BurnIn(bool? Time, string? TimeZone, IReadOnlyList<BurnInMask>? Masks, bool? Faces = null);

/// <param name="CameraId">Absent: in the pictures of all cameras.</param>
/// <param name="Box">x, y, width and height in parts of the picture, 0 to 1, from its upper left corner.</param>
internal sealed record BurnInMask(string? CameraId, IReadOnlyList<double>? Box);

/// <summary>What is kept of a wish: the checked one, with the watermark, which has a field of its own in the API.</summary>
internal sealed record ExportBurnIn(string Watermark, bool Time, string TimeZone, IReadOnlyList<BurnInMask> Masks, bool Faces = false)
{
    private const int MaxWatermarkCharacters = 120;

    /// <summary>Of one camera, or of all.</summary>
    private const int MaxMasks = 16;

    /// <summary>Null when nothing is to be burnt in.</summary>
    public static ExportBurnIn? Of(string? watermark, BurnIn? burnIn)
    {
        var asked = new ExportBurnIn(watermark?.Trim() ?? "", burnIn?.Time ?? false, burnIn?.TimeZone ?? "", burnIn?.Masks ?? [], burnIn?.Faces ?? false);
        return asked.Watermark.Length > 0 || asked.Time || asked.Faces || asked.Masks.Count > 0 ? asked : null;
    }

    public static IEnumerable<FieldProblem> Check(string? watermark, BurnIn? burnIn, IReadOnlyList<string> cameras)
    {
        if (watermark is { Length: > MaxWatermarkCharacters })
            yield return new FieldProblem("watermark", "tooLong", $"At most {MaxWatermarkCharacters} characters");
        else if (watermark is not null && watermark.Any(char.IsControl))
            yield return new FieldProblem("watermark", "notOneLine", "One line of text");
        if (burnIn?.TimeZone is { Length: > 0 } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            yield return new FieldProblem("burnIn.timeZone", "unknownTimeZone", "Use the IANA name of a time zone, as Europe/Berlin");
        var masks = burnIn?.Masks ?? [];
        if (masks.Count > (cameras.Count + 1) * MaxMasks)
        {
            yield return new FieldProblem("burnIn.masks", "tooMany", $"At most {MaxMasks} for a camera");
            yield break;
        }

        if (masks.GroupBy(m => m?.CameraId ?? "").Any(g => g.Count() > MaxMasks))
            yield return new FieldProblem("burnIn.masks", "tooMany", $"At most {MaxMasks} for a camera");
        for (int i = 0; i < masks.Count; i++)
        {
            if (masks[i]?.CameraId is { Length: > 0 } camera && !cameras.Contains(camera))
                yield return new FieldProblem($"burnIn.masks[{i}].cameraId", "cameraNotFound", "Name a camera of this export, or none for all of them");
            if (!IsInPicture(masks[i]?.Box))
                yield return new FieldProblem($"burnIn.masks[{i}].box", "outOfRange", "Four numbers: x, y, width, height, within the picture, 0 to 1");
        }
    }

    /// <summary>As the recorder reads it. Checked wishes only.</summary>
    public Spec.ExportBurnIn ToSpec()
    {
        var spec = new Spec.ExportBurnIn { Watermark = Watermark, Time = Time, TimeZone = TimeZone, Faces = Faces };
        spec.Masks.Add(Masks.Select(m => new Spec.ExportMask { CameraId = m.CameraId ?? "", X = m.Box![0], Y = m.Box[1], Width = m.Box[2], Height = m.Box[3] }));
        return spec;
    }

    private static bool IsInPicture(IReadOnlyList<double>? box) =>
        box is [>= 0, >= 0, > 0, > 0] && box[0] + box[2] <= 1.000001 && box[1] + box[3] <= 1.000001;
}
