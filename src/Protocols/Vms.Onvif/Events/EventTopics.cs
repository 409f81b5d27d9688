using System.Xml.Linq;
using Vms.Onvif.Soap;

namespace Vms.Onvif.Events;

/// <summary>What a device may tell about (ONVIF Core Specification §9.7), without namespace prefixes: <c>RuleEngine/CellMotionDetector/Motion</c>.</summary>
public sealed record EventTopics(IReadOnlyList<string> Topics)
{
    /// <summary>Of a device; recorders name one for each channel. Longer ones than <see cref="MetadataStream.MaxText"/> are left out.</summary>
    public const int MaxTopics = 512;

    public static OnvifCall<EventTopics> Get { get; } = new(
        OnvifService.Events,
        "http://www.onvif.org/ver10/events/wsdl/EventPortType/GetEventPropertiesRequest",
        new XElement(OnvifNamespaces.Events + "GetEventProperties"),
        Read)
    { IsAddressed = true };

    /// <summary>Something is wired to it whose state it tells.</summary>
    public bool HasDigitalInput => Topics.Any(topic => topic.EndsWith("/DigitalInput", StringComparison.Ordinal));

    private static EventTopics? Read(SoapAnswer answer)
    {
        if (answer.Body.Name != "GetEventPropertiesResponse")
            return null;

        var topics = new List<string>();
        foreach (var root in answer.Body.Child("TopicSet")?.Children ?? [])
            Add(root, root.Name, topics);
        return new EventTopics(topics);
    }

    /// <summary>A topic is marked as one; some devices forget it at the leaves, which hold nothing but what their messages look like.</summary>
    private static void Add(SoapElement element, string path, List<string> topics)
    {
        if (path.Length > MetadataStream.MaxText || topics.Count == MaxTopics)
            return;
        bool isLeaf = element.Children.All(child => child.Name is "MessageDescription");
        if (isLeaf || SoapElement.ToFlag(element.Attribute("topic")) == true)
            topics.Add(path);
        foreach (var child in element.Children)
        {
            if (child.Name is not "MessageDescription")
                Add(child, $"{path}/{child.Name}", topics);
        }
    }
}
