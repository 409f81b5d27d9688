using Vms.Control.Auth;
using Vms.Control.Features.Jobs;
using Vms.Control.Features.LiveFeed;

namespace Vms.Control.Jobs;

/// <summary>Tells how jobs go: whoever made one, and those who may see all of the tenant.</summary>
internal sealed class JobFeed(FeedHub hub, TimeProvider time)
{
    public void Tell(JobRow row)
    {
        var message = new JobMessage(JobView.Of(row.Brief(), time.GetUtcNow()));
        hub.Publish(message, who => who.TenantId == row.TenantId && who.AllowsTenant(Permissions.JobsRead));
        hub.PublishTo(message, row.CreatedById, unless: who => who.AllowsTenant(Permissions.JobsRead));
    }
}
