using Vms.Onvif.Events;

namespace Vms.Onvif.Tests.Events;

public sealed class EventMeaningTests
{
    [Theory]
    [InlineData("VideoSource/MotionAlarm", "State", "true", "motion", true)]
    [InlineData("RuleEngine/CellMotionDetector/Motion", "IsMotion", "false", "motion", false)]
    [InlineData("RuleEngine/MotionRegionDetector/Motion", "State", "1", "motion", true)]
    [InlineData("VideoAnalytics/MotionDetection", "motion", "True", "motion", true)]
    [InlineData("VideoAnalytics/MotionDetection", "Level", "1", null, null)]                         // no state
    [InlineData("CameraApplicationPlatform/VMD/Camera1Profile1", "active", "1", "motion", true)]     // Axis
    [InlineData("RuleEngine/CellMotionDetector/People", "IsPeople", "true", "object.person", true)]  // Tapo
    [InlineData("RuleEngine/CellMotionDetector/TpSmartEvent", "IsVehicle", "true", "object.vehicle", true)]
    [InlineData("RuleEngine/TPSmartEventDetector/TPSmartEvent", "IsPet", "true", "object.animal", true)]
    [InlineData("RuleEngine/MyRuleDetector/PeopleDetect", "State", "true", "object.person", true)]   // Reolink
    [InlineData("RuleEngine/MyRuleDetector/VehicleDetect", "State", "false", "object.vehicle", false)]
    [InlineData("RuleEngine/FieldDetector/ObjectsInside", "IsInside", "true", "zone.entered", true)]
    [InlineData("RuleEngine/LineDetector/Crossed", "ObjectId", "1", "line.crossed", null)]           // a number, not a state
    [InlineData("RuleEngine/TamperDetector/Tamper", "IsTamper", "true", "scene.tampered", true)]
    [InlineData("VideoSource/GlobalSceneChange/ImagingService", "State", "true", "scene.tampered", true)]
    [InlineData("AudioAnalytics/Audio/DetectedSound", "IsSoundDetected", "true", "sound.detected", true)]
    [InlineData("Device/Trigger/DigitalInput", "LogicalState", "true", "input.active", true)]
    [InlineData("RuleEngine/VendorDetector/Queue", "State", "true", "rule.triggered", true)]
    [InlineData("RuleEngine/CountAggregation/Counter", "Count", "12", null, null)]
    [InlineData("VideoSource/ImageTooDark/ImagingService", "State", "true", null, null)]
    [InlineData("Device/HardwareFailure/StorageFailure", "Failed", "true", null, null)]
    [InlineData("Monitoring/ProcessorUsage", "Value", "1", null, null)]
    [InlineData("RecordingConfig/JobState", "State", "true", null, null)]
    [InlineData("MotionAlarm", "State", "true", null, null)]
    [InlineData("VideoSource/MotionAlarm", "State", "maybe", null, null)]
    public void Topics_mean_events(string topic, string name, string value, string? type, bool? state)
    {
        var meaning = EventMeaning.Of(new Notification(topic, PropertyOperation.Changed, "", [new SimpleItem("Other", "1"), new SimpleItem(name, value)]));
        Assert.Equal(type is null ? null : new EventMeaning(type, state), meaning);
    }

    [Fact]
    public void A_deleted_property_is_over_and_what_happened_before_anybody_listened_is_not_told()
    {
        Assert.Equal(new EventMeaning("motion", false), Of("VideoSource/MotionAlarm", PropertyOperation.Deleted, new SimpleItem("State", "true")));
        Assert.Equal(new EventMeaning("zone.entered", false), Of("RuleEngine/FieldDetector/ObjectsInside", PropertyOperation.Deleted));
        Assert.Null(Of("RuleEngine/LineDetector/Crossed", PropertyOperation.Initialized, new SimpleItem("ObjectId", "3")));
        Assert.Equal(new EventMeaning("motion", true), Of("VideoSource/MotionAlarm", PropertyOperation.Initialized, new SimpleItem("State", "true")));
    }

    [Fact]
    public void Of_several_states_the_true_one_counts() => Assert.Equal(
        new EventMeaning("object.vehicle", true),
        Of("RuleEngine/TPSmartEventDetector/TPSmartEvent", PropertyOperation.Changed, new SimpleItem("IsPerson", "false"), new SimpleItem("IsVehicle", "true")));

    private static EventMeaning? Of(string topic, PropertyOperation operation, params SimpleItem[] data) =>
        EventMeaning.Of(new Notification(topic, operation, "", data));
}
