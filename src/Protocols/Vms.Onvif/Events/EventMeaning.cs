namespace Vms.Onvif.Events;

/// <summary>What a notification says in the product's words.</summary>
/// <param name="Type">Dotted words: <c>motion</c>, <c>object.person</c>, <c>line.crossed</c>, …</param>
/// <param name="State">True: it begins or goes on. False: it is over. Null: it has happened, and has no length.</param>
public readonly record struct EventMeaning(string Type, bool? State)
{
    /// <summary>What may stand behind a rule that nobody here knows.</summary>
    public const string OtherRule = "rule.triggered";

    private const string Motion = "motion";

    private static readonly string[] s_analysed = ["object.", "line.", "zone.", "plate.", "face."];

    /// <summary>By a part of the topic, or of the name of its state: the first that fits. "CellMotionDetector/People" (Tapo) is a person, hence their order.</summary>
    private static readonly (string Part, string Type)[] s_types =
    [
        ("People", "object.person"),            // RuleEngine/MyRuleDetector/PeopleDetect (Reolink), PeopleDetector/People IsPeople (Tapo)
        ("Person", "object.person"),
        ("Human", "object.person"),
        ("Pedestrian", "object.person"),
        ("LicensePlate", "plate.read"),
        ("PlateRecogni", "plate.read"),
        ("Vehicle", "object.vehicle"),
        ("Face", "object.face"),
        ("DogCat", "object.animal"),            // Reolink
        ("Animal", "object.animal"),
        ("IsPet", "object.animal"),             // RuleEngine/TPSmartEventDetector/TPSmartEvent (Tapo)
        ("Package", "object.package"),
        ("Loiter", "zone.loitering"),
        ("LineDetector", "line.crossed"),       // Analytics Service Specification, annex A.1
        ("LineCross", "line.crossed"),
        ("FieldDetector", "zone.entered"),      // annex A.2
        ("Intrusion", "zone.entered"),
        ("Tamper", "scene.tampered"),
        ("GlobalSceneChange", "scene.tampered"),
        ("DetectedSound", "sound.detected"),
        ("DigitalInput", "input.active"),
        ("Motion", Motion),
        ("VMD", Motion),                        // CameraApplicationPlatform/VMD/Camera1Profile1 (Axis)
    ];

    private static readonly string[] s_stateNames = ["State", "LogicalState", "Active", "Motion", "MotionActive", "Alarm"];

    /// <summary>Somebody has looked at the picture for it, as this product may do itself. Contacts, sounds and a camera that is covered are none of that.</summary>
    public bool IsOfAnalysis
    {
        get
        {
            string type = Type;
            return type == Motion || s_analysed.Any(kind => type.StartsWith(kind, StringComparison.Ordinal));
        }
    }

    /// <summary>Null for what is no event of the scene: the health of the device, its pictures' brightness, its own recordings.</summary>
    public static EventMeaning? Of(Notification notification)
    {
        string topic = notification.Topic;
        int rootEnd = topic.IndexOf('/', StringComparison.Ordinal);
        if (rootEnd < 0)
            return null;

        bool isRules = topic.AsSpan(0, rootEnd) is "RuleEngine" or "VideoAnalytics" or "CameraApplicationPlatform";
        if (!isRules && topic.AsSpan(0, rootEnd) is not ("VideoSource" or "AudioAnalytics" or "Device"))
            return null;

        var (stateName, state) = StateOf(notification.Data);
        string? type = TypeOf(topic.AsSpan(rootEnd + 1));
        if (type is null or Motion)
            type = TypeOf(stateName) ?? type;       // "CellMotionDetector/TpSmartEvent" with IsVehicle (Tapo)
        if (notification.Operation == PropertyOperation.Deleted)
            state = false;
        if (type is null)
            return isRules && state is not null ? new EventMeaning(OtherRule, state) : null;

        // What a device says of the past when somebody begins to listen does not happen now.
        return state is null && (type is not ("line.crossed" or "plate.read" or "zone.loitering") || notification.Operation == PropertyOperation.Initialized)
            ? null
            : new EventMeaning(type, state);
    }

    private static string? TypeOf(ReadOnlySpan<char> name)
    {
        foreach (var (part, type) in s_types)
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
                return type;
        }

        return null;
    }

    /// <summary>Of several the one that is true. Counters and object numbers are no states, though "1" reads like one.</summary>
    private static (string Name, bool? State) StateOf(IReadOnlyList<SimpleItem> data)
    {
        (string Name, bool? State) found = ("", null);
        foreach (var (name, value) in data)
        {
            if (IsState(name) && BoolOf(value) is { } state && (state || found.State is null))
            {
                found = (name, state);
            }
        }

        return found;
    }

    private static bool IsState(string name) =>
        name.StartsWith("Is", StringComparison.Ordinal) || s_stateNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>xs:boolean; some write it with capital letters.</summary>
    private static bool? BoolOf(ReadOnlySpan<char> text) =>
        text.Equals("true", StringComparison.OrdinalIgnoreCase) || text is "1" ? true
        : text.Equals("false", StringComparison.OrdinalIgnoreCase) || text is "0" ? false
        : null;
}
