using Vms.Control.Auth;
using Vms.Control.Features.LiveFeed;

namespace Vms.Control.Features.Tree;

/// <summary>Tells those who show the tree that it is another one. Which part changed is not said: what one may see of it is decided when it is read.</summary>
internal sealed class TreeFeed(FeedHub hub)
{
    /// <summary>Call after the commit, and after the rights were read anew.</summary>
    public void Changed(string tenantId) =>
        hub.Publish(new TreeChangedMessage(), rights => rights.TenantId == tenantId && rights.AllowsAnywhere(Permissions.CamerasRead));
}
