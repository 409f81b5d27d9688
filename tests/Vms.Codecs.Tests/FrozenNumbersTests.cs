namespace Vms.Codecs.Tests;

/// <summary>These numbers stand in stream logs and segments: a change here breaks archives.</summary>
public sealed class FrozenNumbersTests
{
    [Fact]
    public void Codecs_keep_their_numbers() =>
        Assert.Equal("None=0 H264=1 H265=2 Aac=3 PcmA=4 PcmU=5 Opus=6 G726=7 L16=8 Mjpeg=9 OnvifMetadata=10 Flac=11", Numbers<CodecKind>());

    [Fact]
    public void Flags_keep_their_numbers() =>
        Assert.Equal("None=0 Keyframe=1 Discontinuity=2 ParametersChanged=4", Numbers<SampleFlags>());

    [Fact]
    public void Gap_causes_keep_their_numbers() =>
        Assert.StartsWith(
            "None=0 CameraOffline=1 MediaRestart=2 PacketLoss=3 ClockStep=4 ParametersChanged=5 RecorderOverrun=6 RecorderDown=7 DiskFull=8 Disabled=9",
            Numbers<GapCause>(), StringComparison.Ordinal);

    private static string Numbers<T>()
        where T : struct, Enum =>
        string.Join(' ', Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt32(value)}"));
}
