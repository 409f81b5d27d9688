using Microsoft.AspNetCore.Authorization;
using Vms.Control.Audit;
using Vms.Hosting;

namespace Vms.Control.Features.Audit;

/// <summary>POST /local/audit/verify, on control's local socket alone: <c>vms audit verify</c> asks whether the audit log is what was written.</summary>
internal static class VerifyAudit
{
    private static readonly AuthorizationPolicy s_localSocket =
        new AuthorizationPolicyBuilder().RequireAssertion(c => c.Resource is HttpContext http && http.IsLocalSocket()).Build();

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/local/audit/verify", Handle).RequireAuthorization(s_localSocket).ExcludeFromDescription();

    private static Task<AuditVerdict> Handle(AuditVerification verification, CancellationToken cancellationToken) => verification.RunAsync(cancellationToken);
}
