using Vms.Codecs;

namespace Vms.Rtp.Payloads;

/// <summary>
/// Rebuilds the access units of one video track from its RTP payloads, whatever the codec. The codec's own type says which
/// deviations it accepts. One caller at a time; packets are borrowed for the call; no allocation after warm-up, except when the
/// codec parameters change.
/// </summary>
/// <remarks>Damage: a unit that misses anything is dropped, and so is every unit up to the next keyframe.</remarks>
public abstract class VideoDepacketizer(AccessUnitBuffer units)
{
    /// <summary>Where finished units appear.</summary>
    public AccessUnitBuffer Units { get; } = units;

    /// <summary>True from the start and after damage until a keyframe is handed out.</summary>
    public bool IsAwaitingKeyframe { get; protected set; } = true;

    /// <summary>Units dropped because something of them was missing or malformed.</summary>
    public long DamagedUnits { get; protected set; }

    /// <summary>Good units dropped because they need one that was dropped.</summary>
    public long UndecodableUnits { get; protected set; }

    /// <param name="packet">In sequence order.</param>
    /// <param name="lostBefore">Packets missing directly in front of it.</param>
    /// <returns>A fault is the camera's: the rest of a unit that is already known to be incomplete is none.</returns>
    public abstract DepacketizeResult Push(in RtpPacketView packet, int lostBefore);

    /// <summary>Units lost since the last one handed out, which no unit will report any more: the session is over. They are told once.</summary>
    /// <param name="andUnfinished">The unit in progress is one of them.</param>
    public abstract int TakeLost(bool andUnfinished);

    /// <summary>Forgets everything but the parameter sets: a new RTP session begins.</summary>
    public abstract void Reset();

    /// <summary>A parameter set of the SDP: a hint, what comes in band wins. Anything else changes nothing.</summary>
    /// <param name="nal">With its NAL header.</param>
    public abstract void UpdateParameterSets(ReadOnlySpan<byte> nal);

    /// <summary>Another camera, perhaps: what is known of the codec is void.</summary>
    public abstract void ClearParameterSets();

    /// <summary>The track as its newest unit decodes; null until that is known. <see cref="AccessUnitInfo.ParameterSetsVersion"/>
    /// changes whenever this may. Allocates.</summary>
    public abstract TrackInfo? Describe(byte trackId);
}
