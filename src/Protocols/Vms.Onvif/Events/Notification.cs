namespace Vms.Onvif.Events;

/// <summary>What a device tells about one of its event topics (ONVIF Core Specification §9.5).</summary>
/// <param name="Topic">Without namespace prefixes: <c>RuleEngine/CellMotionDetector/Motion</c>.</param>
/// <param name="Source">Which of several (video source, rule, object) it is about: the items of Source and Key as <c>Name=Value</c>, separated by commas.
/// Together with the topic it names a property. Empty when the device does not tell.</param>
/// <param name="Data">At most <see cref="MetadataStream.MaxItems"/>.</param>
public sealed record Notification(string Topic, PropertyOperation Operation, string Source, IReadOnlyList<SimpleItem> Data);

/// <summary>A name with a value, both as the device wrote them.</summary>
public readonly record struct SimpleItem(string Name, string Value);

/// <summary>What a notification means for the property it is about.</summary>
public enum PropertyOperation
{
    /// <summary>Not said: the topic is no property, it has just happened; or the device leaves it out.</summary>
    None,

    /// <summary>How it stands when somebody begins to listen.</summary>
    Initialized,

    Changed,

    /// <summary>The property is no more.</summary>
    Deleted,
}
