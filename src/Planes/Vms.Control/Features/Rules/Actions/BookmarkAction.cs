using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.KeptFootage;
using Vms.Control.Outbox;
using Vms.Control.Reconciliation;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>Marks the moment of an event in the recordings, which are kept for longer there. Done again it is the same bookmark.</summary>
internal sealed class BookmarkAction(NpgsqlDataSource database, KeptRangesReconciler kept, TimeProvider time) : IOutboxChannel
{
    private const int MaxTitle = 100;

    public string Name => "bookmark";

    public async Task DeliverAsync(OutboxItem item, CancellationToken cancellationToken)
    {
        var order = ActionOrder.Of(item);
        var (now, actor) = (time.GetUtcNow(), order.ActorOf(item.TenantId));
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{item.RuleId}/{item.EventId}/{item.EventAt.UtcTicks}")).AsSpan(0, 16));
        var title = order.Action.Title ?? $"{order.Rule.Name}: {order.Event.Type}";
        title = title.Length > MaxTitle ? title[..MaxTitle] : title;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var added = await connection.ExecuteAsync("""
            insert into control.bookmark (id, camera_id, from_time, to_time, title, note, tags, created_by, created_at, updated_at, tenant_id)
            select $1, $2, $3, $3, $4, '', array['event'], $5, $6, $6, $7 where exists (select from control.camera where id = $2) on conflict (id) do nothing
            """, [id, order.CameraId, item.EventAt, title, actor.Name, now, item.TenantId], cancellationToken);
        if (added == 0)
            return;
        await AuditLog.AddAsync(connection, now, actor, "bookmark.added", id.ToString(), new { order.CameraId, at = item.EventAt, title }, cancellationToken);
        if (await KeptRangeRows.AddAsync(connection, item.TenantId, id, "bookmark", [order.CameraId], item.EventAt, item.EventAt, title, cancellationToken) is { } problem)
            throw new DeliveryException($"It is not bookmarked: {problem.ProblemDetails.Title}", isFinal: true);
        await transaction.CommitAsync(cancellationToken);
        kept.Changed();
    }
}
