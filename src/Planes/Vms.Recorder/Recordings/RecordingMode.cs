namespace Vms.Recorder.Recordings;

/// <summary>What is recorded of a stream.</summary>
internal enum RecordingMode
{
    Off,
    Continuous,

    /// <summary>While something moves or happens, with pre- and post-roll.</summary>
    Motion,

    /// <summary>While something happens that is more than motion.</summary>
    Event,
}
