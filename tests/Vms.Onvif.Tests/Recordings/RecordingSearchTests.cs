using Vms.Onvif.Recordings;

namespace Vms.Onvif.Tests.Recordings;

public sealed class RecordingSearchTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_a_search_has_found_is_read()
    {
        var results = RecordingSearch.GetResults("s1").ReadWith(
            """
            <tse:GetRecordingSearchResultsResponse xmlns:tse="x" xmlns:tt="y"><tse:ResultList><tt:SearchState>Completed</tt:SearchState>
            <tt:RecordingInformation><tt:RecordingToken>R1</tt:RecordingToken><tt:Source><tt:SourceId>s</tt:SourceId><tt:Name>Gate</tt:Name></tt:Source>
            <tt:EarliestRecording>2026-11-21T10:00:00+01:00</tt:EarliestRecording><tt:LatestRecording>2026-11-21T10:00:00</tt:LatestRecording>
            <tt:Track><tt:TrackType>Audio</tt:TrackType></tt:Track><tt:Track><tt:TrackType>Video</tt:TrackType></tt:Track></tt:RecordingInformation>
            <tt:RecordingInformation><tt:RecordingToken>R2</tt:RecordingToken><tt:EarliestRecording>never</tt:EarliestRecording></tt:RecordingInformation>
            <tt:RecordingInformation><tt:RecordingToken>R3</tt:RecordingToken><tt:Track><tt:TrackType>Metadata</tt:TrackType></tt:Track></tt:RecordingInformation>
            <tt:RecordingInformation><tt:Source/></tt:RecordingInformation></tse:ResultList></tse:GetRecordingSearchResultsResponse>
            """)!;
        Assert.True(results.IsComplete);
        Assert.Equal(
            [new DeviceRecording("R1", "s", "Gate", Nine, Nine.AddHours(1), true), new DeviceRecording("R2", "", "", null, null, true), new DeviceRecording("R3", "", "", null, null, false)],
            results.Recordings);
    }

    [Theory]
    [InlineData("Queued", false)]
    [InlineData("Searching", false)]
    [InlineData("Completed", true)]
    [InlineData("Unknown", true)]       // nobody would ever say more
    public void A_search_goes_on_while_it_says_so(string state, bool complete) =>
        Assert.Equal(complete, RecordingSearch.GetResults("s").ReadWith($"<r><ResultList><SearchState>{state}</SearchState></ResultList></r>")!.IsComplete);

    [Fact]
    public void Answers_without_what_they_are_for_are_none()
    {
        Assert.Null(RecordingSearch.Find.ReadWith("<r/>"));
        Assert.Null(RecordingSearch.GetResults("s").ReadWith("<r/>"));
        Assert.Null(ReplayCalls.GetReplayUri("R1").ReadWith("<r/>"));
        Assert.Equal("s1", RecordingSearch.Find.ReadWith("<r><SearchToken>s1</SearchToken></r>"));
        Assert.Equal("rtsp://h/replay?a=1&b=2", ReplayCalls.GetReplayUri("R1").ReadWith("<r><Uri>rtsp://h/replay?a=1&amp;b=2</Uri></r>"));
    }

    [Fact]
    public void A_recording_reaches_into_a_time_as_far_as_it_tells()
    {
        var recording = new DeviceRecording("R", "", "", Nine, Nine.AddHours(1), true);
        Assert.True(recording.Reaches(Nine.AddMinutes(30), Nine.AddHours(2)));
        Assert.False(recording.Reaches(Nine.AddHours(1), Nine.AddHours(2)));
        Assert.False(recording.Reaches(Nine.AddHours(-1), Nine));
        Assert.True(new DeviceRecording("R", "", "", null, null, true).Reaches(Nine, Nine.AddHours(1)));
    }
}
