namespace Vms.Rtp.Payloads;

/// <summary>What was wrong with a payload. Metric labels carry the names.</summary>
public enum PayloadFault : byte
{
    None = 0,
    Empty,
    UnsupportedType,
    MalformedAggregate,
    MalformedFragment,

    /// <summary>A fragment that continues nothing.</summary>
    FragmentWithoutStart,

    /// <summary>Something else came where a fragment had to go on.</summary>
    FragmentWithoutEnd,

    /// <summary>The picture's first slice never came.</summary>
    PictureWithoutStart,
    MalformedSlice,

    /// <summary>The access unit passes <see cref="AccessUnitBuffer.MaxUnitSize"/>.</summary>
    UnitTooLarge,
}

/// <summary>What one packet did.</summary>
/// <param name="Fault">None for a good packet. One fault costs its access unit.</param>
/// <param name="IsAccessUnit">At least one unit waits in the <see cref="AccessUnitBuffer"/>.</param>
/// <param name="ResyncStarted">This packet, or the loss before it, broke the stream: units are dropped until a keyframe.</param>
public readonly record struct DepacketizeResult(PayloadFault Fault, bool IsAccessUnit, bool ResyncStarted);
