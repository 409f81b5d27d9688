using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vms.Control.Integrations.Mqtt;

/// <summary>How a camera introduces itself to Home Assistant: one device with its sensors, buttons and picture.</summary>
/// <remarks>Source: Home Assistant, MQTT, "Device discovery payload" (2024.11 and later).</remarks>
internal static class HomeAssistant
{
    /// <summary>What is over without being said.</summary>
    private const int OffDelaySeconds = 60;

    private static readonly (string Type, string Name, string Class)[] s_sensors =
    [
        ("motion", "Motion", "motion"), ("object.person", "Person", "occupancy"), ("object.vehicle", "Vehicle", "occupancy"), ("object.animal", "Animal", "occupancy"),
    ];

    public static string TopicOf(string discoveryPrefix, MqttTopics topics, string cameraId) => $"{discoveryPrefix}/device/vms_{topics.Server}_{cameraId}/config";

    /// <param name="withCommands">There is somebody on whose behalf commands are done.</param>
    public static byte[] Announce(MqttTopics topics, string siteId, string cameraId, string cameraName, string version, bool withCommands)
    {
        string Topic(string what) => topics.Of(siteId, cameraId, what);
        JsonObject Component(string platform, string key, string name) => new()
        {
            ["platform"] = platform,
            ["name"] = name,
            ["unique_id"] = $"vms_{topics.Server}_{cameraId}_{key}",
        };

        var components = new JsonObject();
        foreach (var (type, name, deviceClass) in s_sensors)
        {
            var key = type.Replace('.', '_');
            var sensor = Component("binary_sensor", key, name);
            sensor["device_class"] = deviceClass;
            sensor["state_topic"] = Topic(type);
            sensor["value_template"] = "{{ 'OFF' if value_json.endAt else 'ON' }}";
            sensor["off_delay"] = OffDelaySeconds;
            components[key] = sensor;
        }

        var connectivity = Component("binary_sensor", "state", "Connection");
        connectivity["device_class"] = "connectivity";
        connectivity["entity_category"] = "diagnostic";
        connectivity["state_topic"] = Topic("state");
        connectivity["payload_on"] = "online";
        connectivity["value_template"] = "{{ 'online' if value == 'online' else 'OFF' }}";
        components["state"] = connectivity;
        if (withCommands)
            AddCommands(components, Component, Topic);
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["device"] = new JsonObject { ["identifiers"] = new JsonArray($"vms_{topics.Server}_{cameraId}"), ["name"] = cameraName, ["manufacturer"] = "VMS" },
            ["origin"] = new JsonObject { ["name"] = "vms", ["sw_version"] = version },
            ["availability_topic"] = topics.Availability,
            ["components"] = components,
        });
    }

    private static void AddCommands(JsonObject components, Func<string, string, string, JsonObject> component, Func<string, string> topic)
    {
        var picture = component("image", "snapshot", "Snapshot");
        picture["image_topic"] = topic("snapshot");
        picture["content_type"] = "image/jpeg";
        components["picture"] = picture;
        foreach (var (command, name) in new[] { ("record", "Record"), ("snapshot", "Take a snapshot") })
        {
            var button = component("button", "command_" + command, name);
            button["command_topic"] = topic("command/" + command);
            components["command_" + command] = button;
        }

        var armed = component("switch", "armed", "Armed");
        armed["state_topic"] = topic("armed");
        armed["command_topic"] = topic("command/arm");
        components["armed"] = armed;
    }
}
