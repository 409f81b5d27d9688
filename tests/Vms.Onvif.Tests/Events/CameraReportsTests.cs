using Vms.Onvif.Events;

namespace Vms.Onvif.Tests.Events;

public sealed class CameraReportsTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private readonly CameraReports _camera = new("c1");

    [Fact]
    public void Motion_is_one_event_from_its_beginning_to_its_end()
    {
        var begun = Assert.Single(Alarm(true, at: 10));
        Assert.Equal(("motion", At(10), null, true), (begun.Type, begun.At, begun.EndAt, begun.Ongoing));
        Assert.Empty(Alarm(true, at: 12));
        var ended = Assert.Single(Alarm(false, at: 15));
        Assert.Equal(begun with { EndAt = At(15), Ongoing = false }, ended);
        Assert.Empty(Alarm(false, at: 16));
        Assert.NotEqual(begun.Id, Assert.Single(Alarm(true, at: 20)).Id);
    }

    [Fact]
    public void Several_rules_that_see_the_same_motion_are_one_event_that_ends_with_the_last()
    {
        Assert.Single(Alarm(true, at: 10));
        Assert.Empty(Say("RuleEngine/CellMotionDetector/Motion", "Rule=1", "IsMotion", true, at: 11));
        Assert.Empty(Say("RuleEngine/CellMotionDetector/Motion", "Rule=2", "IsMotion", true, at: 11));
        Assert.Single(Say("RuleEngine/MyRuleDetector/PeopleDetect", "Rule=3", "State", true, at: 11));      // more than motion
        Assert.Empty(Alarm(false, at: 12));
        Assert.Empty(Say("RuleEngine/CellMotionDetector/Motion", "Rule=1", "IsMotion", false, at: 13));
        Assert.Equal(At(14), Assert.Single(Say("RuleEngine/CellMotionDetector/Motion", "Rule=2", "IsMotion", false, at: 14)).EndAt);
    }

    [Fact]
    public void What_goes_on_is_said_again_until_it_is_over()
    {
        var begun = Assert.Single(Alarm(true, at: 0));
        Assert.Empty(Tick(19));
        Assert.Equal(begun, Assert.Single(Tick(20)));
        Assert.Empty(Tick(39));
        Assert.Equal(begun, Assert.Single(Tick(40)));
        Alarm(false, at: 41);
        Assert.Empty(Tick(100));
    }

    [Fact]
    public void A_camera_that_never_says_that_it_is_over_is_believed_for_a_minute_after_its_last_word()
    {
        Alarm(true, at: 0);
        Alarm(true, at: 30);
        Assert.DoesNotContain(Tick(89), r => !r.Ongoing);
        Assert.Equal(At(90), Assert.Single(Tick(90)).EndAt);
    }

    [Fact]
    public void A_camera_that_says_so_otherwise_is_believed_for_an_hour()
    {
        Alarm(true, at: 0);
        Alarm(false, at: 5);
        Alarm(true, at: 10);
        Assert.All(Tick(3609), r => Assert.True(r.Ongoing));
        Assert.Equal(At(3610), Assert.Single(Tick(3610)).EndAt);
    }

    [Fact]
    public void The_end_of_the_session_ends_what_goes_on()
    {
        Alarm(true, at: 0);
        Say("RuleEngine/FieldDetector/ObjectsInside", "", "IsInside", true, at: 1);
        var reports = new List<CameraReport>();
        _camera.EndAll(At(2), reports);
        Assert.Equal([("motion", At(2)), ("zone.entered", At(2))], reports.Select(r => (r.Type, r.EndAt)).Order());
        Assert.Empty(Tick(100));
    }

    [Fact]
    public void A_clock_that_is_set_back_ends_nothing_before_its_beginning()
    {
        var begun = Assert.Single(Alarm(true, at: 10));
        Assert.Equal(begun.At, Assert.Single(Alarm(false, at: 3)).EndAt);
    }

    [Fact]
    public void Two_objects_that_cross_a_line_in_one_picture_are_two_events_without_length()
    {
        var first = Assert.Single(Say("RuleEngine/LineDetector/Crossed", "Rule=1", "ObjectId", "1", at: 5));
        var second = Assert.Single(Say("RuleEngine/LineDetector/Crossed", "Rule=2", "ObjectId", "2", at: 5));
        Assert.Equal(("line.crossed", null, false), (first.Type, first.EndAt, first.Ongoing));
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public void A_camera_that_reports_without_end_does_not_crowd_out_the_others()
    {
        int told = 0;
        for (int i = 0; i < 500; i++)
            told += Say("RuleEngine/LineDetector/Crossed", $"Object={i}", "ObjectId", "1", at: 1).Count;
        Assert.Equal(CameraReports.MaxPerMinute, told);
        Assert.Equal(500 - CameraReports.MaxPerMinute, _camera.Refused);
        Assert.Single(Say("RuleEngine/LineDetector/Crossed", "", "ObjectId", "1", at: 62));
    }

    [Fact]
    public void A_source_that_tells_of_several_types_ends_each_of_them()
    {
        const string topic = "RuleEngine/TPSmartEventDetector/TPSmartEvent";
        var person = Assert.Single(Say(topic, at: 0, new("IsPerson", "true"), new("IsVehicle", "false")));
        var second = Say(topic, at: 5, new("IsPerson", "false"), new("IsVehicle", "true"));
        Assert.Equal([person with { EndAt = At(5), Ongoing = false }, second[1] with { Type = "object.vehicle", At = At(5), Ongoing = true }], second);
        Assert.Equal(second[1] with { EndAt = At(9), Ongoing = false }, Assert.Single(Say(topic, at: 9, new("IsPerson", "false"), new("IsVehicle", "false"))));
        Assert.Empty(Tick(100));

        // Tapo: a message for each of them, of one source.
        Assert.Equal("object.person", Assert.Single(Say(topic, at: 200, new SimpleItem("IsPeople", "true"))).Type);
        Assert.Equal("object.vehicle", Assert.Single(Say(topic, at: 201, new SimpleItem("IsVehicle", "true"))).Type);
        Assert.Equal("object.person", Assert.Single(Say(topic, at: 202, new SimpleItem("IsPeople", "false"))).Type);
        Assert.Empty(Say(topic, at: 203, new SimpleItem("IsPeople", "false")));
        Assert.Equal("object.vehicle", Assert.Single(Say(topic, at: 204, new SimpleItem("State", "false"))).Type);
        Assert.Empty(Tick(300));
    }

    [Fact]
    public void A_detector_that_loses_its_objects_does_not_silence_motion()
    {
        int told = 0;
        for (int i = 0; i < CameraReports.MaxSources; i++)
            told += Say("RuleEngine/FieldDetector/ObjectsInside", $"ObjectId={i}", "IsInside", true, at: i / 100d).Count;
        Assert.Equal((1, 0L), (told, _camera.Refused));

        Assert.Equal("motion", Assert.Single(Alarm(true, at: 2)).Type);
        Assert.Equal(1, _camera.Refused);
        Assert.Empty(Say("RuleEngine/FieldDetector/ObjectsInside", "ObjectId=new", "IsInside", true, at: 3));
        Assert.Equal(2, _camera.Refused);
        Assert.Single(Alarm(false, at: 4));

        // The two oldest were given up: the others and the new one are all that is inside.
        for (int i = 2; i < CameraReports.MaxSources; i++)
            Assert.Empty(Say("RuleEngine/FieldDetector/ObjectsInside", $"ObjectId={i}", "IsInside", false, at: 5));
        Assert.Equal(At(6), Assert.Single(Say("RuleEngine/FieldDetector/ObjectsInside", "ObjectId=new", "IsInside", false, at: 6)).EndAt);
    }

    [Fact]
    public void Where_others_look_at_the_picture_contacts_sounds_and_tampering_still_count()
    {
        _camera.LeavesAnalysis = true;
        Assert.Empty(Alarm(true, at: 0));
        Assert.Empty(Say("RuleEngine/MyRuleDetector/PeopleDetect", "Rule=1", "State", true, at: 1));
        Assert.Empty(Say("RuleEngine/LineDetector/Crossed", "Rule=1", "ObjectId", "1", at: 2));
        Assert.Empty(Say("RuleEngine/FieldDetector/ObjectsInside", "Rule=1", "IsInside", true, at: 3));
        Assert.Equal("input.active", Assert.Single(Say("Device/Trigger/DigitalInput", "InputToken=1", "LogicalState", true, at: 4)).Type);
        Assert.Equal("scene.tampered", Assert.Single(Say("VideoSource/GlobalSceneChange/ImagingService", "Source=1", "State", true, at: 5)).Type);
        Assert.Equal("sound.detected", Assert.Single(Say("AudioAnalytics/Audio/DetectedSound", "Rule=1", "IsSoundDetected", true, at: 6)).Type);
    }

    private static DateTimeOffset At(double seconds) => s_start.AddSeconds(seconds);

    private List<CameraReport> Alarm(bool state, double at) => Say("VideoSource/MotionAlarm", "Source=1", "State", state, at);

    private List<CameraReport> Say(string topic, string source, string name, bool state, double at) => Say(topic, source, name, state ? "true" : "false", at);

    private List<CameraReport> Say(string topic, string source, string name, string value, double at) => Take(topic, source, at, [new(name, value)]);

    private List<CameraReport> Say(string topic, double at, params SimpleItem[] data) => Take(topic, "Rule=1", at, data);

    private List<CameraReport> Take(string topic, string source, double at, SimpleItem[] data)
    {
        var reports = new List<CameraReport>();
        _camera.Take(new(topic, PropertyOperation.Changed, source, data), At(at), TimeSpan.FromSeconds(at), reports);
        return reports;
    }

    private List<CameraReport> Tick(double at)
    {
        var reports = new List<CameraReport>();
        _camera.Tick(At(at), TimeSpan.FromSeconds(at), reports);
        return reports;
    }
}
