using Vms.Recorder.Writing;

namespace Vms.Recorder.Pools;

/// <summary>What somebody wants moved: what was recorded in a time and stands in one pool.</summary>
/// <param name="CameraId">Null for all of them.</param>
/// <param name="Begin">A segment that reaches into the time is moved whole.</param>
internal sealed record MoveWish(StoragePool From, StoragePool To, string? CameraId, DateTimeOffset Begin, DateTimeOffset End);

/// <summary>How much a wish is about.</summary>
/// <param name="OldestEnd">When the recording that is over longest was; null for nothing.</param>
internal readonly record struct MoveMeasure(long Segments, long Bytes, DateTimeOffset? OldestEnd);

/// <summary>A closed segment, and where the index has it.</summary>
/// <param name="Path">Absolute.</param>
internal sealed record PlacedSegment(Guid Id, string CameraId, DateTimeOffset Start, DateTimeOffset End, string Path, long Bytes);

/// <summary>Why a move is not begun, or does not go on; the message is for the operator.</summary>
/// <param name="code">Stable: unknownPool samePool poolAway poolFull movesOn tooOld moving.</param>
internal sealed class MoveRefusedException(string code, string detail) : Exception(detail)
{
    public const string UnknownPool = "unknownPool";
    public const string SamePool = "samePool";
    public const string PoolAway = "poolAway";
    public const string PoolFull = "poolFull";
    public const string MovesOn = "movesOn";
    public const string TooOld = "tooOld";
    public const string Moving = "moving";

    public string Code => code;
}
