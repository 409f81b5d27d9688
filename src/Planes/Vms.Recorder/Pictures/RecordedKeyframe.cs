using Vms.Containers;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Pictures;

/// <summary>A keyframe of the archive: the first picture of a stored fragment.</summary>
/// <param name="EndUs">Wall clock up to which what follows it without a hole was recorded, as far as was asked.</param>
internal readonly record struct RecordedKeyframe(SegmentRow Segment, FragmentEntry Fragment, long EndUs)
{
    public DateTimeOffset CapturedAt => UnixTime.FromMicroseconds(Fragment.CaptureTimeUs);
}
