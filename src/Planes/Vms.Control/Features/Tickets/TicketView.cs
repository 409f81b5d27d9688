namespace Vms.Control.Features.Tickets;

internal sealed record TicketView(string Ticket, DateTimeOffset ExpiresAt);
