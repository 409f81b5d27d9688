namespace Vms.Recorder.ReadBack;

internal enum ReadBackResult
{
    /// <summary>The disk gives back what was recorded, and its keyframe decodes.</summary>
    Good,

    /// <summary>It is what was recorded; whether it decodes could not be tried.</summary>
    NotDecoded,

    /// <summary>The file is not there.</summary>
    Gone,

    /// <summary>It cannot be read, which says nothing about what is on the disk.</summary>
    Unreadable,

    /// <summary>It can be read, and is not what was recorded.</summary>
    Altered,

    /// <summary>It is what was recorded, and no decoder makes a picture of it.</summary>
    Undecodable,
}

/// <summary>What reading one fragment back came to.</summary>
/// <param name="Reason">Why it is not good, for the operator; empty when it is.</param>
internal readonly record struct ReadBackVerdict(ReadBackResult Result, string Reason)
{
    public static ReadBackVerdict Good { get; } = new(ReadBackResult.Good, "");

    /// <summary>Somebody should look; where only the trial was not possible, nobody needs to.</summary>
    public bool IsFailure => Result is not (ReadBackResult.Good or ReadBackResult.NotDecoded);

    /// <summary>As it stands in events, statuses and metrics.</summary>
    public static string NameOf(ReadBackResult result) => result switch
    {
        ReadBackResult.Good => "good",
        ReadBackResult.NotDecoded => "notDecoded",
        ReadBackResult.Gone => "gone",
        ReadBackResult.Unreadable => "unreadable",
        ReadBackResult.Altered => "altered",
        _ => "undecodable",
    };
}
