using Vms.Recorder.Archive;

namespace Vms.Recorder.Triggers;

/// <summary>Something that a camera's recording may depend on, without pre- and post-roll; for a manual recording all that is wanted.</summary>
/// <param name="FromUs">UTC microseconds since 1970.</param>
/// <param name="Reason">Of a manual recording, in the words of who wanted it.</param>
/// <param name="By">Who wanted a manual recording.</param>
/// <param name="Stream">That alone is recorded; empty for every stream of the camera.</param>
/// <param name="Id">What is told with it later stands in its place: it goes on, or is over earlier. Empty for what is told once.</param>
/// <param name="Ongoing">Nobody has said yet when it ends.</param>
/// <param name="SaidUs">When it was told; 0 when nobody knows.</param>
internal sealed record Happening(
    string CameraId, RecordingClass Kind, long FromUs, long UntilUs, string Reason = "", string By = "", string Stream = "", string Id = "",
    bool Ongoing = false, long SaidUs = 0)
{
    public bool IsSame(Happening other) => Id.Length > 0 && Id == other.Id && CameraId == other.CameraId && Kind == other.Kind;

    /// <summary>That it goes on was said before what is known was, and is only heard, or heard again, behind it.</summary>
    /// <param name="known">The same.</param>
    public bool IsOvertakenBy(Happening known) => Ongoing && (known.Ongoing ? UntilUs <= known.UntilUs : SaidUs <= known.SaidUs);

    public bool Concerns(string cameraId, string stream) => CameraId == cameraId && (Stream.Length == 0 || Stream == stream);
}
