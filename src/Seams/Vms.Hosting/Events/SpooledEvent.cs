using System.Text.Json;

namespace Vms.Hosting.Events;

/// <summary>An event on its way to the bus.</summary>
/// <param name="MessageId">Sent twice it is still one message.</param>
/// <param name="Payload">JSON (contracts/event-message.schema.json).</param>
public sealed record SpooledEvent(string Subject, string MessageId, byte[] Payload)
{
    /// <summary>When it happened, as it says itself; null: it does not say.</summary>
    public DateTimeOffset? At
    {
        get
        {
            try
            {
                using var read = JsonDocument.Parse(Payload);
                return read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty("at", out var at)
                    && at.ValueKind == JsonValueKind.String && at.TryGetDateTimeOffset(out var time)
                    ? time
                    : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>Events that were given up.</summary>
/// <param name="From">When the first of them happened; null: it is not known.</param>
/// <param name="To">When the last of them did.</param>
public sealed record SpoolLoss(long Count, DateTimeOffset? From, DateTimeOffset? To);
