using Vms.Recorder.Archive;

namespace Vms.Recorder.Triggers;

/// <summary>Something that a camera's recording may depend on, without pre- and post-roll; for a manual recording all that is wanted.</summary>
/// <param name="FromUs">UTC microseconds since 1970.</param>
/// <param name="Reason">Of a manual recording, in the words of who wanted it.</param>
/// <param name="By">Who wanted a manual recording.</param>
/// <param name="Stream">That alone is recorded; empty for every stream of the camera.</param>
internal sealed record Happening(string CameraId, RecordingClass Kind, long FromUs, long UntilUs, string Reason = "", string By = "", string Stream = "")
{
    public bool Concerns(string cameraId, string stream) => CameraId == cameraId && (Stream.Length == 0 || Stream == stream);
}
