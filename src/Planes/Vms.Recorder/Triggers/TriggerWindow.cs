using Vms.Recorder.Archive;

namespace Vms.Recorder.Triggers;

/// <summary>A stretch of time that something happened in and that is to be recorded, pre- and post-roll included.</summary>
/// <param name="Class">What happened.</param>
/// <param name="FromUs">UTC microseconds since 1970.</param>
/// <param name="UntilUs">Not included.</param>
internal readonly record struct TriggerWindow(RecordingClass Class, long FromUs, long UntilUs)
{
    public bool Covers(long captureUs) => captureUs >= FromUs && captureUs < UntilUs;
}
