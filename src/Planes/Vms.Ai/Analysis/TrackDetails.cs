using Vms.Ai.Detectors;
using Vms.Ai.Models.Plates;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Analysis;

/// <summary>What is looked at more closely of one object: its best view, its plate, whether a face was seen. The stream's thread only.</summary>
internal sealed class TrackDetails(string country)
{
    /// <summary>So many readings, and this sure, and the plate is told; it is told again with the object's end.</summary>
    private const int TellingReadings = 3;

    private const float TellingConfidence = 0.6f;
    private const int EnoughReadings = 12;

    /// <summary>Lower than this in pixels nothing can be read on a vehicle, or seen of a face.</summary>
    private const int LeastPixels = 60;

    private const long FaceEveryUs = 1_000_000;

    /// <summary>From one look for a plate to the next; twice as long after each <see cref="VainLooks"/> in vain, so that what cannot be read does not keep the reader from others.</summary>
    private const long PlateEveryUs = 200_000;

    private const int VainLooks = 8;

    /// <summary>In vain, and it is not looked for any more: two minutes or so.</summary>
    private const int MostVainLooks = 6 * VainLooks;

    private readonly PlateVote _votes = new(country);
    private long _faceLookedUs, _plateLookedUs;
    private int _plateLooks;

    internal BestView View { get; } = new();

    internal bool PlateTold { get; set; }

    internal bool FaceSeen { get; set; }

    /// <summary>What most looks agree on; null while that is not sure.</summary>
    internal string? Plate => _votes.Count >= TellingReadings && _votes.Best() is { Confidence: >= TellingConfidence } best ? best.Text : null;

    internal bool WantsPlate(ObjectTrack track, AnalysisSettings settings, int pictureHeight, long nowUs)
    {
        int inVain = _plateLooks - _votes.Count;
        if (!settings.Plates || track.Kind != ObjectKind.Vehicle || _votes.Count >= EnoughReadings || inVain >= MostVainLooks || track.Box.Height * pictureHeight < LeastPixels
            || nowUs - _plateLookedUs < PlateEveryUs << (inVain / VainLooks))
            return false;
        (_plateLookedUs, _plateLooks) = (nowUs, _plateLooks + 1);
        return true;
    }

    internal bool WantsFace(ObjectTrack track, AnalysisSettings settings, int pictureHeight, long nowUs)
    {
        if (!settings.Faces || FaceSeen || track.Kind != ObjectKind.Person || nowUs - _faceLookedUs < FaceEveryUs || track.Box.Height * pictureHeight < 2 * LeastPixels)
            return false;
        _faceLookedUs = nowUs;
        return true;
    }

    internal void Read(PlateReading reading) => _votes.Add(reading);
}
