using Vms.Control.FrontDoor;

namespace Vms.Control.Integrations;

/// <summary>What every service of the operator's has that this installation connects to.</summary>
internal abstract record ServiceSettings
{
    public bool Enabled { get; init; }

    public string Host { get; init; } = "";

    public int Port { get; init; }

    public string? Username { get; init; }

    /// <summary>PEM of the authority behind its certificate, where this machine does not trust that one anyway.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>A password is sent where its owner sent it, and nowhere else.</summary>
    public bool IsSamePlace(ServiceSettings other) => Host == other.Host && Port == other.Port && Username == other.Username;
}

/// <summary>The operator's MQTT broker.</summary>
internal sealed record MqttSettings : ServiceSettings
{
    public const string Kind = "mqtt";

    public bool Tls { get; init; }

    /// <summary>First level of every topic.</summary>
    public string TopicPrefix { get; init; } = "vms";

    /// <summary>Types of events that are published: <c>line.crossed</c>, <c>object.*</c>; empty: all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Cameras announce themselves to Home Assistant.</summary>
    public bool Discovery { get; init; }

    public string DiscoveryPrefix { get; init; } = "homeassistant";

    /// <summary>Id of the user whose rights commands have; null: no commands are taken.</summary>
    public string? CommandUserId { get; init; }
}

/// <summary>The operator's RabbitMQ.</summary>
internal sealed record RabbitMqSettings : ServiceSettings
{
    public const string Kind = "rabbitmq";

    public bool Tls { get; init; }

    public string VirtualHost { get; init; } = "/";

    /// <summary>What the three queues' names begin with.</summary>
    public string QueuePrefix { get; init; } = "vms";
}

/// <summary>The operator's mail server.</summary>
internal sealed record SmtpSettings : ServiceSettings
{
    public const string Kind = "smtp";
    public const string SecurityTls = "tls";
    public const string SecurityStartTls = "starttls";
    public const string SecurityNone = "none";

    /// <summary>tls: from the beginning (usually port 465); starttls: before anything else is said (587); none: in the clear.</summary>
    [OneOf(SecurityTls, SecurityStartTls, SecurityNone)]
    public string Security { get; init; } = SecurityStartTls;

    /// <summary>Whom messages come from: an address.</summary>
    public string From { get; init; } = "";
}
