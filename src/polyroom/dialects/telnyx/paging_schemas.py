"""What goes with every page. Source: Rooms API document, "PaginationMeta"."""

from pydantic import BaseModel


class PaginationMeta(BaseModel):
    """Where a page stands."""

    page_number: int
    page_size: int
    total_pages: int
    total_results: int
