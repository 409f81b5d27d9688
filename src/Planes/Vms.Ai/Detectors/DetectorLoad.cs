namespace Vms.Ai.Detectors;

/// <summary>How busy the detectors are, all models together: analysis asks for fewer pictures of every camera when it is too much.</summary>
/// <param name="Waiting">Pictures that wait now.</param>
/// <param name="Room">How many may wait.</param>
/// <param name="Done">Pictures looked at since the start.</param>
/// <param name="Refused">Pictures refused since the start, because as many waited as may.</param>
/// <param name="RunTime">Of a picture, lately; zero when none was looked at.</param>
internal readonly record struct DetectorLoad(int Waiting, int Room, long Done, long Refused, TimeSpan RunTime);

/// <summary>Whether a model can be used.</summary>
internal enum DetectorState
{
    /// <summary>Nobody asked for it yet.</summary>
    Idle,
    Loading,
    Ready,

    /// <summary>It cannot be used; it is tried again after a while, and when the catalogue changes.</summary>
    Failed,
}

/// <param name="Model">Its name in the catalogue.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="IsLeftOut">It failed because it ended the process too often.</param>
internal sealed record DetectorStatus(string Model, DetectorState State, string? Problem, bool IsLeftOut = false);
