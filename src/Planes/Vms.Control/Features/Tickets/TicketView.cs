namespace Vms.Control.Features.Tickets;

/// <param name="BaseUrl">Playback: where the recorder answers the same paths itself, also while control is down. Null: use this address.</param>
internal sealed record TicketView(string Ticket, DateTimeOffset ExpiresAt, string? BaseUrl);
